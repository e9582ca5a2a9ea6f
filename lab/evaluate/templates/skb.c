// Network buffers that nobody consumes.
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

static int $fn_once(unsigned long i)
{
	struct sk_buff *skb = $choice_netdev ? netdev_alloc_skb(init_net.loopback_dev, $size) : alloc_skb($size, GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	skb_put_data(skb, &i, sizeof(i));
	skb->protocol = htons(ETH_P_IP);
	$fn_note(skb, 1);
	if (!$choice_netdev)
		$fn_note(skb->head, 2);
	return 0;
}

static int $fn_start(void)
{
	return 0;
}
