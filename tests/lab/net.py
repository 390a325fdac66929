"""Homes behind routers, and an internet between them, in network namespaces of this machine.

    host ── router ─┐
                    ├── bridge in "net": relay, STUN (203.0.113.1 and .2)
    host ── router ─┘

A carrier's own router (CGNAT) stands between a home's and the bridge. Everything is named by a prefix of this process, and nothing leaves the
namespaces. Needs root, iproute2, nftables and conntrack.
"""

import itertools
import os
import subprocess
import time

RELAY = "203.0.113.1"
STUN = ("203.0.113.1", "203.0.113.2")

# What a router does (RFC 4787): whether it maps a port alike for all destinations, and whom it lets answer.
KINDS = ("none", "full", "restricted", "port", "symmetric", "cgnat", "blocked")


class Failed(Exception):
    """The lab itself is at fault, not what is tested."""


def sh(*command, stdin=None):
    done = subprocess.run(command, input=stdin, text=True, capture_output=True)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Lab:
    def __init__(self, one, other):
        self.prefix = f"fl{os.getpid() % 100000}"
        self.spaces = []
        self.processes = []
        self.space("net")
        self.ip("net", "link add br0 type bridge")
        self.ip("net", "addr add 198.51.100.1/24 dev br0")
        self.ip("net", "link set br0 up")
        for address in STUN:
            self.ip("net", f"addr add {address}/32 dev lo")
        # What has no way vanishes, as on the real internet, and is not refused.
        self.ip("net", "neigh add 198.51.100.99 lladdr 02:00:00:00:00:99 dev br0 nud permanent")
        self.ip("net", "route add default via 198.51.100.99")
        self.home("A", 1, one)
        if other == "same":
            self.room("B")
        else:
            self.home("B", 2, other)
        self.wait_for_links()

    def name(self, space):
        return f"{self.prefix}-{space}"

    def space(self, space):
        sh("ip", "netns", "add", self.name(space))
        self.spaces.append(space)
        self.ip(space, "link set lo up")
        # A namespace inherits some of these; a router forwards, and nobody is told of better ways.
        for key in ("ip_forward=1", "conf.all.rp_filter=0", "conf.default.rp_filter=0", "conf.all.send_redirects=0"):
            self.run(space, "sysctl", "-qw", f"net.ipv4.{key}")

    def run(self, space, *command, stdin=None):
        return sh("ip", "netns", "exec", self.name(space), *command, stdin=stdin)

    def ip(self, space, arguments):
        return sh("ip", "-n", self.name(space), *arguments.split())

    def cable(self, space, interface, address, other, other_interface, other_address=None):
        sh("ip", "link", "add", interface, "netns", self.name(space), "type", "veth",
           "peer", "name", other_interface, "netns", self.name(other))
        self.ip(space, f"addr add {address} dev {interface}")
        self.ip(space, f"link set {interface} up")
        if other_address:
            self.ip(other, f"addr add {other_address} dev {other_interface}")
        self.ip(other, f"link set {other_interface} up")

    def home(self, letter, number, kind):
        host, router = f"host{letter}", f"router{letter}"
        self.space(host)
        self.space(router)
        self.cable(host, "eth0", f"10.{number}.0.2/24", router, "lan", f"10.{number}.0.1/24")
        self.ip(host, f"route add default via 10.{number}.0.1")
        outer, inner, gateway = router, None, "198.51.100.1"
        if kind == "cgnat":
            inner = f"carrier{letter}"
            self.space(inner)
            self.cable(router, "wan", f"100.64.{number}.2/24", inner, "lan", f"100.64.{number}.1/24")
            self.ip(router, f"route add default via 100.64.{number}.1")
            self.masquerade(router, "port", f"100.64.{number}.2", f"10.{number}.0.0/24", f"10.{number}.0.2")
            outer = inner
        public = f"198.51.100.{10 + number}"
        self.cable(outer, "wan", f"{public}/24", "net", f"p{letter}")
        self.ip("net", f"link set p{letter} master br0")
        self.ip(outer, f"route add default via {gateway}")
        if kind == "none":
            self.ip("net", f"route add 10.{number}.0.0/24 via {public}")
        elif inner:
            self.masquerade(inner, "port", public, f"100.64.{number}.0/24", f"100.64.{number}.2")
        else:
            self.masquerade(router, kind, public, f"10.{number}.0.0/16", f"10.{number}.0.2")

    def room(self, letter):
        """Another computer in the first home, in a network of its own, so that no beacon reaches it."""
        host = f"host{letter}"
        self.space(host)
        self.cable(host, "eth0", "10.1.1.2/24", "routerA", "lan2", "10.1.1.1/24")
        self.ip(host, "route add default via 10.1.1.1")

    def masquerade(self, space, kind, public, inside, host):
        """Rules of nftables that make a router of this kind."""
        out = f'oifname "wan" ip saddr {inside}'
        to_all = f'chain post {{ type nat hook postrouting priority srcnat; {out} snat to {public}; }}\n'
        to_host = ('chain pre { type nat hook prerouting priority dstnat; '
                   f'iifname "wan" ip daddr {public} meta l4proto {{ tcp, udp }} dnat to {host}; }}\n')
        only_answers = ('chain forward { type filter hook forward priority 0; iifname "wan" ct state new drop; }\n'
                        'chain input { type filter hook input priority 0; '
                        'iifname "wan" ct state new meta l4proto { tcp, udp } drop; }\n')
        from_known = ('set known { type ipv4_addr; flags dynamic,timeout; timeout 120s; }\n'
                      'chain forward { type filter hook forward priority -5; '
                      f'{out} update @known {{ ip daddr }}\n'
                      'iifname "wan" ct direction original ip saddr != @known drop; }\n')
        no_udp = 'chain quiet { type filter hook forward priority -1; meta l4proto udp drop; }\n'
        ports = " random,fully-random" if kind == "symmetric" else ""
        mapped = f'chain post {{ type nat hook postrouting priority srcnat; {out} masquerade{ports}; }}\n'
        rules = {
            "full": to_host + to_all,
            "restricted": from_known + to_host + to_all,
            "port": only_answers + mapped,
            "symmetric": only_answers + mapped,
            "blocked": no_udp + only_answers + mapped,
        }[kind]
        self.run(space, "nft", "-f", "-", stdin=f"table ip home {{\n{rules}}}\n")

    def wait_for_links(self):
        """New cables swallow packets until the kernel has noticed that they are plugged in, up to a second later."""
        def down(space):
            return any("DOWN" in line and not line.startswith("lo ") for line in self.ip(space, "-br link").splitlines())
        deadline = time.monotonic() + 10
        while any(down(space) for space in self.spaces):
            if time.monotonic() > deadline:
                raise Failed("the cables do not come up")
            time.sleep(0.02)

    def start(self, space, *command, log):
        """A process in a namespace that ends with the lab."""
        with open(log, "w") as out:
            process = subprocess.Popen(["ip", "netns", "exec", self.name(space), *command],
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for space in self.spaces:
            subprocess.run(["ip", "netns", "del", self.name(space)], capture_output=True)


def pairs():
    """Every two kinds of homes, each once, and two computers in one home."""
    return [*itertools.combinations_with_replacement(KINDS, 2), ("port", "same"), ("symmetric", "same")]


def has_way(one, other):
    """Whether UDP gets through directly, by the textbook: some side must be able to foresee where the other's packets come from."""
    two = {one, other}
    if "same" in two:
        return True
    if "blocked" in two:
        return False
    return not ("symmetric" in two and two & {"port", "cgnat", "symmetric"} and two <= {"port", "cgnat", "symmetric"})
