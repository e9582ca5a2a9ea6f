"""What can be planted. Each kind fills a template with sizes, counts and names from a seed, and says what is true of it."""
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from names import Names

TEMPLATES = Path(__file__).resolve().parent / "templates"
MEBI = 1 << 20


@dataclass
class Planted:
    """A module, the commands that drive it, and what is true of it."""

    name: str
    source: str
    commands: list
    truth: dict = field(default_factory=dict)


def make(random, kind, count=None):
    names = Names(random)
    recipe = (large if kind == "large" else RECIPES[kind])(random, names)
    count = count or recipe.pop("count", None) or how_many(random, recipe.get("bytes", 256))
    parts = recipe.pop("parts", 1)
    commands = [c.format(control=f"/proc/{names['control']}", device=f"/proc/{names['device']}", count=count) for c in recipe.pop("commands")]
    values = recipe.pop("values") | dict(ledger=int(count * parts) + 100, single=int(recipe.pop("single", False)))
    values["description"] = f"{random.choice(['gathers', 'forwards', 'serves', 'filters'])} {names.prefix} {random.choice(['frames', 'events', 'queries'])}"
    names.update({key: str(value) for key, value in values.items()})
    body = Template((TEMPLATES / recipe.pop("template")).read_text()).substitute(names)
    names["body"] = body
    source = Template((TEMPLATES / "module.c").read_text()).substitute(names)
    truth = dict(kind=kind, module=names.module, planted=count, ledger=names["gv_ledger"], noted=names["gv_noted"])
    truth["functions"] = [names[key] for key in recipe.pop("functions", [])]
    truth["struct"] = names[recipe.pop("struct")] if "struct" in recipe else None
    truth["head"] = names[recipe.pop("head")] if "head" in recipe else None
    recipe.pop("bytes", None)
    return Planted(names.module, source, commands, truth | recipe | dict(variant={k: v for k, v in values.items() if len(str(v)) < 60}))


def how_many(random, size, most=24 * MEBI):
    return max(400, min(random.choice([1200, 3000, 8000, 15000, 30000]), most // size))


def flags(random):
    return random.choice(["GFP_KERNEL", "GFP_KERNEL", "GFP_KERNEL_ACCOUNT", "GFP_ATOMIC"])


WRITE = "echo {count} > {control}"


def seq(random, names):
    return dict(
        template="seq.c", functions=["fn_show"], type="seq_operations", commands=["work open {device} {count}"], bytes=300,
        values=dict(word=random.choice(["ok", "up", "ready"]), number=random.randrange(1000), choice_open=random.randrange(2)),
    )


def members(random, names, wanted):
    """Declarations and initialisations in a random order, padded to a random size."""
    fields = {
        "node": ("struct list_head $fd_node;", "INIT_LIST_HEAD(&object->$fd_node);"),
        "hash": ("struct hlist_node $fd_hash;", ""),
        "tree": ("struct rb_node $fd_tree;", ""),
        "next": ("struct $st_object *$fd_next;", "object->$fd_next = NULL;"),
        "work": ("struct work_struct $fd_work;", "INIT_WORK(&object->$fd_work, $fn_work);"),
        "delayed": ("struct delayed_work $fd_delayed;", "INIT_DELAYED_WORK(&object->$fd_delayed, $fn_work);"),
        "timer": ("struct timer_list $fd_timer;", "timer_setup(&object->$fd_timer, $fn_expire, 0);"),
        "rcu": ("struct rcu_head $fd_rcu;", "object->$fd_rcu.func = $fn_retire;"),
        "lock": ("spinlock_t $fd_lock;", "spin_lock_init(&object->$fd_lock);"),
        "kref": ("struct kref $fd_ref;", "kref_init(&object->$fd_ref);"),
        "wait": ("wait_queue_head_t $fd_wait;", "init_waitqueue_head(&object->$fd_wait);"),
        "done": ("struct completion $fd_done;", "init_completion(&object->$fd_done);"),
        "context": ("struct $st_context *$fd_context;", "object->$fd_context = $gv_context;"),
        "id": ("u32 $fd_id;", "object->$fd_id = i;"),
        "name": (f"char $fd_name[{random.choice([12, 16, 24, 32])}];", 'snprintf(object->$fd_name, sizeof(object->$fd_name), "c%lu", i);'),
        "bytes": ("u64 $fd_bytes;", "object->$fd_bytes = i * 1500;"),
        "mac": ("u8 $fd_mac[6];", "object->$fd_mac[5] = i;"),
        "since": ("unsigned long $fd_since;", "object->$fd_since = jiffies;"),
        "ops": ("const struct $st_ops *$fd_ops;", "object->$fd_ops = &$gv_table;"),
    }  # fmt: skip
    plain = ["lock", "kref", "wait", "done", "id", "name", "bytes", "mac", "since"]
    chosen = list(dict.fromkeys(wanted + random.sample(plain, random.randint(3, 7))))
    random.shuffle(chosen)
    pad = random.choice([8, 24, 60, 120, 200, 400, 700])
    declared = [fields[f][0] for f in chosen] + [f"u8 $fd_data[{pad}];"]
    set_up = [fields[f][1] for f in chosen if fields[f][1]] + ["object->$fd_data[0] = i;"]
    return dict(
        members="\n".join("\t" + Template(line).substitute(names) for line in declared),
        setup="\n".join("\t" + Template(line).substitute(names) for line in set_up),
    )


CALLBACKS = {"work": "fn_work", "delayed": "fn_work", "timer": "fn_expire"}


def session(random, names, link=0):
    callback = random.choice(list(CALLBACKS)) if link or random.random() < 0.75 else None
    linked = int(link == 0 and (callback is None or random.random() < 0.5))
    holder = {0: ["node"] if linked else [], 1: ["node"], 2: ["hash"], 3: ["tree"], 4: [], 5: ["next"], 6: ["node"]}[link]
    wanted = holder + ([callback] if callback else ["context"]) + random.sample(["context", "rcu"], random.randrange(2))
    values = dict(
        link=link, choice_linked=linked, choice_init=random.choice(["", "_init"]), gfp=flags(random), zero="zalloc",
    ) | members(random, names, wanted)  # fmt: skip
    functions = ([CALLBACKS[callback]] if callback else []) + (["fn_retire"] if "rcu" in wanted else [])
    recipe = dict(template="session.c", struct="st_object", functions=functions, values=values, commands=[WRITE], bytes=900)
    heads = {1: "gv_list", 2: "gv_hash", 3: "gv_tree", 4: "gv_array", 5: "gv_chain", 6: "gv_context"}
    return recipe | (dict(head=heads[link], listed=True) if link else {})


def listed(random, names):
    return session(random, names, random.randint(1, 6))


def blob(random, names):
    filling = random.randrange(4)
    size = random.choice([24, 40, 100, 200, 500, 1000, 1800, 3000])
    text = random.choice(["conn-%06u from 10.0.7.21 port 443", "/var/lib/app/cache/%08u.bin", "user%u@example.org;role=reader"])
    byte = random.choice([0xA5, 0x5A, 0x11, 0xEE])
    return dict(template="blob.c", commands=[WRITE], bytes=size, values=dict(filling=filling, size=size, byte=byte, text=text, gfp=flags(random)))


def ops(random, names):
    return dict(
        template="ops.c", struct="st_object", functions=["fn_begin", "fn_end", "fn_push", "gv_table"], commands=[WRITE], bytes=900,
        values=dict(gfp=flags(random), zero="zalloc") | members(random, names, ["ops"]),
    )  # fmt: skip


def skb(random, names):
    size = random.choice([120, 300, 700, 1500])
    netdev = random.randrange(2)
    return dict(template="skb.c", type="sk_buff", parts=2, commands=[WRITE], bytes=2600, values=dict(size=size, choice_netdev=netdev))


def linked(random, names):
    values = dict(
        child=random.choice([20, 60, 150]), size=random.choice([40, 100, 300]), children=random.randint(2, 4), gfp=flags(random),
        word=random.choice(["port", "lane", "zone"]),
    )  # fmt: skip
    return dict(template="linked.c", struct="st_parent", functions=["fn_work"], parts=7, commands=[WRITE], bytes=2000, values=values)


def cache(random, names):
    own = random.randrange(2)
    size = random.choice([40, 104, 168, 232, 488]) if own else random.choice([40, 104, 168, 232])
    name = f"{names.prefix}_{random.choice(['req', 'ctx', 'node'])}_cache"
    values = dict(size=size, cache=name, choice_own=own, choice_flags=random.choice(["0", "SLAB_HWCACHE_ALIGN", "SLAB_ACCOUNT"]))
    return dict(template="cache.c", struct="st_object", commands=[WRITE], bytes=size + 24, values=values, cacheName=name, merged=not own)


def pages(random, names, way=None):
    way = random.choice([0, 0, 1, 3]) if way is None else way
    order = random.randrange(4)
    values = dict(
        order=order, way=way, slots=random.choice([64, 128, 256]), byte=random.randrange(1, 255),
        compound=random.choice(["", "| __GFP_COMP"]),
    )  # fmt: skip
    blocks = random.choice([1500, 3000, 5000]) >> order
    functions = ["gv_ring"] if way == 0 else []
    return dict(template="pages.c", layer="page-allocator", commands=[WRITE], count=blocks, functions=functions, values=values) | (
        dict(listed=True, head="gv_pages") if way == 2 else {}
    )


def area(random, names):
    size = random.choice([9000, 14000, 20000, 40000])
    vmalloc = random.randrange(2)
    return dict(
        template="area.c", layer="vmalloc" if vmalloc else "slab-unreclaimable", commands=[WRITE], count=random.choice([300, 600]),
        functions=["fn_once", "fn_write"] if vmalloc else [], values=dict(choice_vmalloc=vmalloc, size=size, byte=random.randrange(1, 255)),
    )  # fmt: skip


def percpu(random, names):
    pad = random.choice([16, 48, 112, 240, 496])
    return dict(template="percpu.c", layer="percpu", commands=[WRITE], count=random.choice([400, 900, 2000]), values=dict(pad=pad))


def refs(what, things):
    def recipe(random, names):
        thing = random.choice(things)
        # UNIX sockets are in a table all their life, files of tmpfs on a list
        lost = int(thing in ("tcp", "udp", "pipe", "event", "epoll", "timer") or (thing == "unix" and what in (0, 2)))
        count = {"task": 400 if what == 7 else 1000, "tty": 1500}.get(thing) or random.choice([2000, 5000, 9000])
        return dict(
            template="refs.c", single=True, count=count, thing=thing, lost=bool(lost), commands=["work refs {control} " + thing + " {count}"],
            values=dict(what=what, lost=lost),
        ) | (dict(listed=True, head="gv_holders") if what in (1, 7) else {})  # fmt: skip

    return recipe


def large(random, names):
    return dict(
        template="large.c", struct="st_object", functions=["fn_work"], commands=[WRITE], parts=1 / 40,
        values=dict(one_in=40),
    )  # fmt: skip


SOCKETS, FILES = ["tcp", "udp", "unix"], ["tmp"]
LARGE = {f"large-{mebibytes}": mebibytes for mebibytes in (768, 1536, 3072)}
RECIPES = dict(
    seq=seq, session=session, listed=listed, blob=blob, ops=ops, skb=skb, linked=linked, cache=cache, pages=pages, area=area, percpu=percpu,
    sockpath=refs(0, SOCKETS), filepath=refs(0, FILES), heldpath=refs(1, SOCKETS + FILES), dentry=refs(2, SOCKETS + FILES),
    tty=refs(3, ["tty"]), task=refs(4, ["task"]), heldtask=refs(7, ["task"]), file=refs(5, [*SOCKETS, "tmp", "event", "epoll"]), sock=refs(6, ["udp", "unix"]),
)  # fmt: skip
