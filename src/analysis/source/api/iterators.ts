/** Loops that hold a reference on what they are at, and drop it when they go on: who leaves early has to. */
const ITERATORS: ReadonlyMap<string, { readonly variable: number; readonly taker: string }> = new Map([
  ...each(
    'for_each_child_of_node for_each_available_child_of_node for_each_reserved_child_of_node for_each_endpoint_of_node for_each_of_graph_port for_each_of_graph_port_endpoint for_each_child_of_node_with_prefix',
    1,
    'of_get_next_child',
  ),
  ...each(
    'for_each_node_by_name for_each_node_by_type for_each_compatible_node for_each_matching_node for_each_matching_node_and_match for_each_node_with_property for_each_of_cpu_node',
    0,
    'of_find_compatible_node',
  ),
  ...each(
    'fwnode_for_each_child_node fwnode_for_each_available_child_node device_for_each_child_node fwnode_for_each_named_child_node device_for_each_named_child_node fwnode_graph_for_each_endpoint fwnode_for_each_parent_node',
    1,
    'device_get_next_child_node',
  ),
  ...each('for_each_pci_dev', 0, 'pci_get_device'),
]);

function each(
  names: string,
  variable: number,
  taker: string,
): readonly (readonly [string, { readonly variable: number; readonly taker: string }])[] {
  return names.split(' ').map((name) => [name, { variable, taker }]);
}

/** The argument that is the loop's variable, and a function that takes the same kind of reference. */
export const iteratorOf = (macro: string): { readonly variable: number; readonly taker: string } | undefined =>
  ITERATORS.get(macro);
