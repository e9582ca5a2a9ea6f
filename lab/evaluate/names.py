"""Names as drivers have them, from a seed: a prefix for all of a module, and behind it what a thing is or does."""

SYLLABLES = "ac al ax bo cor dra ev fen gal hy ix jun kel lyn mor nex or pax qua ryn sel tor ul vex wyn xan yar zed".split()
NOUNS = (
    "session request channel tunnel peer flow frame ticket lease bucket stream rule policy batch job token cursor window"
    " binding agent sensor probe packet quota shard volume region slot target node record entry client endpoint"
).split()
VERBS = (
    "handle process flush retry submit refresh update dispatch resolve scan collect commit arm poll drain track resume"
    " emit push sync check report finish expire rotate"
).split()
MEMBERS = (
    "flags state link queue head entry stats owner seq total limit credit cookie mask level phase epoch last_seen vendor"
    " weight budget backoff mtu serial rev window depth base hits misses load"
).split()


class Names(dict):
    """For string.Template: fn_X is a function, st_X a struct, gv_X a global variable, fd_X a member; each made when first asked for."""

    def __init__(self, random):
        super().__init__()
        self.random = random
        self.prefix = "".join(random.sample(SYLLABLES, 2))
        self.used = set()
        self.module = f"{self.prefix}_{random.choice(['net', 'io', 'core', 'drv', 'hba', 'fs', 'mon', 'bus'])}"
        self["control"] = f"{self.prefix}_ctl"
        self["device"] = f"{self.prefix}_{random.choice(['status', 'stats', 'info', 'state'])}"

    def unique(self, make):
        while True:
            name = make()
            if name not in self.used:
                self.used.add(name)
                return name

    def __missing__(self, key):
        choice = self.random.choice
        kind, _, role = key.partition("_")
        if kind == "fn":
            name = self.unique(lambda: f"{self.prefix}_{choice(VERBS)}_{choice(NOUNS)}")
        elif kind == "st":
            name = self.unique(lambda: f"{self.prefix}_{choice(NOUNS)}")
        elif kind == "gv":
            name = self.unique(lambda: f"{self.prefix}_{choice(NOUNS)}_{choice(['list', 'table', 'pool', 'root', 'map'])}")
        elif kind == "fd":
            name = self.member()
        else:
            raise KeyError(f"{key} ({role})")
        self[key] = name
        return name

    def member(self):
        return self.unique(lambda: f"{self.random.choice(MEMBERS)}_{self.random.choice('abcdefghkmnpqrstuvwxyz')}")
