# SPDX-License-Identifier: GPL-3.0-or-later
"""The group "refusals" of tests/show/remote: what must be refused, and how that is said, by the real twin-simulate and sshd."""
import getpass
import os
import pathlib
import re
import shutil
import stat
import subprocess
import threading
import time

PASSPHRASE, ASKED = "five-secret-words-of-a-key", "what-askpass-would-say"
BY = ("libssh2", "openssh")


class Watch(threading.Thread):
    """Every argv that is seen, a hundred times a second, of processes whose environment names this folder: ours and the hosts'."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.ended, self.here = set(), threading.Event(), os.getcwd().encode()
        self.start()

    def run(self):
        while not self.ended.wait(0.01):
            for path in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    if self.here in (path / "environ").read_bytes():
                        self.seen.add((path / "cmdline").read_bytes())
                except OSError:
                    pass

    def end(self):
        self.ended.set()
        self.join()
        return self.seen


class World:
    """Hosts of one sshd each, and all that twin-simulate has said."""

    def __init__(self, binary, start, free_port):
        self.here = pathlib.Path.cwd()
        self.binary, self.start, self.free_port = binary, start, free_port
        self.said = []
        os.makedirs("programs")
        for folder in ("/usr/bin", "/bin"):
            for entry in os.listdir(folder):
                if entry not in ("sbatch", "squeue", "scontrol") and not os.path.lexists(f"programs/{entry}"):
                    os.symlink(f"{folder}/{entry}", f"programs/{entry}")
        # A job that has its answer at once, and says what is in its environment.
        pathlib.Path("quick.sh").write_text('#!/bin/sh\nsimulate() { for word; do :; done; env >&2; cat "$word"; }\n{{jobs}}\n', encoding="utf-8")
        pathlib.Path("authorized").write_text("", encoding="utf-8")

    def key(self, name, kind="ed25519", passphrase="", let_in=True):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", name, "-C", "show"], check=True)
        if let_in:
            with open("authorized", "a", encoding="utf-8") as file:
                file.write(pathlib.Path(f"{name}.pub").read_text(encoding="utf-8"))

    def sshd(self, name, kind="ed25519"):
        """Its port."""
        self.key(f"{name}_key", kind, let_in=False)
        port = self.free_port()
        pathlib.Path(f"{name}.conf").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nPidFile none\nHostKey {self.here}/{name}_key\nStrictModes no\nUsePAM no\n"
            f"AuthorizedKeysFile {self.here}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            f"Subsystem sftp internal-sftp\nMaxStartups 100\nSetEnv PATH={self.here}/programs SHELL={self.here}/programs/false\n", encoding="utf-8")
        self.start(port, f"{name}.conf", f"{name}.log")
        return port

    def host(self, alias, port, identity="mine", shown="", more=""):
        """\\p shown: the key that is known of it; "" none."""
        with open("hosts", "a", encoding="utf-8") as file:
            file.write(f"Host {alias}\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n  IdentityFile {self.here}/{identity}\n"
                       f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.here}/known.{alias}\n  GlobalKnownHostsFile none\n"
                       f"{more or '  IdentityAgent none' + chr(10)}")
        known = f"[127.0.0.1]:{port} {pathlib.Path(shown + '.pub').read_text(encoding='utf-8')}" if shown else ""
        pathlib.Path(f"known.{alias}").write_text(known, encoding="utf-8")

    def simulate(self, *arguments, **environment):
        environment = {**os.environ, "TWIN_SSH_CONFIG": f"{self.here}/hosts", "XDG_STATE_HOME": f"{self.here}/state",
                       "SSH_ASKPASS": f"{self.here}/askpass", "SSH_ASKPASS_REQUIRE": "force", **environment}
        done = subprocess.run([self.binary, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=300)
        self.said.append(done.stdout + done.stderr)
        return done

    def reach(self, host, *arguments):
        """Asks for the jobs of an empty place there: status 0 where one gets in."""
        return self.simulate("--status", f"{host}:{self.here}/empty", *arguments)


def by_both(world, host, status, words, *arguments):
    """What either transport says of a host: its line's figure, and whether it is as it should be."""
    figures, right = [], True
    for transport in BY:
        done = world.reach(host, "--transport", transport, *arguments)
        told = all(word in done.stderr for word in (words if isinstance(words, tuple) else words[transport]))
        figures.append(f"{transport} {done.returncode}{'' if told else ', says: ' + done.stderr.strip()[-300:]}")
        right = right and done.returncode == status and told
    return "; ".join(figures), right


def keys_of_hosts(world, check):
    port = world.sshd("one")
    world.key("mine")
    world.key("other", let_in=False)
    world.host("changed", port, shown="other")
    for more in ((), ("--accept-new",)):
        figure, right = by_both(world, "changed", 77, ("is not the one that is known", "ssh-keygen -R"), *more)
        check(f"a host key that changed{' and --accept-new' if more else ''}", figure, "77, says how it is forgotten", right)
    for transport in BY:
        world.host(f"new-{transport}", port)
        first = world.reach(f"new-{transport}", "--transport", transport)
        accepted = world.reach(f"new-{transport}", "--transport", transport, "--accept-new")
        after = world.reach(f"new-{transport}", "--transport", transport)
        statuses = (first.returncode, accepted.returncode, after.returncode)
        check(f"an unknown host key, {transport}", f"{statuses[0]}, with --accept-new {statuses[1]}, from then on {statuses[2]}", "77, 0, 0",
              statuses == (77, 0, 0) and "--accept-new" in first.stderr)
    world.host("far", port, shown="one_key")
    return port


def rsa(world, check, port):
    old = world.sshd("old", "rsa")
    world.host("old", old, shown="old_key")
    world.key("rsa", "rsa")
    world.host("with-rsa", port, identity="rsa", shown="one_key")
    for what, host, status in (("a host that has an RSA key alone", "old", 69), ("an RSA key of ours", "with-rsa", 77)):
        alone, chosen = world.reach(host, "--transport", "libssh2"), world.reach(host)
        told = "RSA" in alone.stderr and "openssh transport" in alone.stderr and "OpenSSH" in chosen.stderr
        check(what, f"libssh2 {alone.returncode}, the one that is chosen {chosen.returncode}: {chosen.stderr.strip().splitlines()[-1][-110:]}",
              f"{status} and what helps; 0 by OpenSSH", alone.returncode == status and chosen.returncode == 0 and told)


def keys_of_ours(world, check, port):
    pathlib.Path("askpass").write_text(f"#!/bin/sh\necho {ASKED}\n", encoding="utf-8")
    os.chmod("askpass", 0o700)
    world.key("locked", passphrase=PASSPHRASE)
    world.host("locked", port, identity="locked", shown="one_key")
    figure, right = by_both(world, "locked", 77, {"libssh2": ("ssh-add",), "openssh": ("is not let in",)})
    check("a key with a passphrase that askpass does not know", figure, "77, nobody is asked, ssh-add", right)

    agent = subprocess.Popen(["ssh-agent", "-D", "-a", f"{world.here}/agent"], stdout=subprocess.DEVNULL)
    for _ in range(500):
        if os.path.exists("agent"):
            break
        time.sleep(0.01)
    world.key("short")
    subprocess.run(["ssh-add", "-q", "-t", "1", "short"], env={**os.environ, "SSH_AUTH_SOCK": f"{world.here}/agent"}, check=True)
    time.sleep(2.1)
    os.remove("short")
    world.host("expired", port, identity="short", shown="one_key", more=f"  IdentityAgent {world.here}/agent\n")
    figure, right = by_both(world, "expired", 77, ("is not let in",))
    check("an agent whose key has expired", figure, "77", right)
    agent.terminate()
    agent.wait()

    world.key("loose")
    os.chmod("loose", 0o644)
    world.host("loose", port, identity="loose", shown="one_key")
    figure, right = by_both(world, "loose", 77, ("others may read it", "chmod 600"))
    check("a private key that others may read", figure, "77, chmod 600", right)


def places(world, check):
    wrong = ["-oProxyCommand=touch pwned:/tmp", "-F/dev/null:/tmp", "--:/tmp", "far:", ":/tmp", "far:/tmp/../etc", "far:/a\nb", "far:-rf", "a b:/tmp"]
    statuses = [world.simulate(option, place, "m.yaml").returncode for place in wrong for option in ("--submit", "--status", "--cancel")]
    check("hosts that begin with - and folders that none should be", f"{statuses.count(64)} of {len(statuses)} are 64, "
          f"{'something' if os.path.exists('pwned') else 'nothing'} was run", "all, nothing", set(statuses) == {64} and not os.path.exists("pwned"))


def done_jobs(world, name, count):
    """Folders of so many jobs that are done, fetched by nobody yet."""
    place = f"far:{world.here}/{name}"
    files = [world.model(f"{name}{i}", 10, 300 + i) for i in range(count)]
    world.simulate("--submit", place, "--template", "quick.sh", *files)
    jobs = pathlib.Path(name) / "jobs"
    for _ in range(300):
        if len(list(jobs.glob("*/manifest.sha256"))) == count:
            break
        time.sleep(0.1)
    return place, sorted(job for job in jobs.iterdir())


def files(world, check):
    place, jobs = done_jobs(world, "gone", 3)
    os.remove(jobs[0] / "state.jsonl")
    done = world.simulate("--fetch", place, "--into", "into-gone")
    whole = len(list(pathlib.Path("into-gone").glob("*/manifest.sha256")))
    check("a file that vanished before it was fetched", f"status {done.returncode}, {whole} of the 3 jobs are here", "2 and the two others",
          done.returncode == 2 and whole == 2 and "not there" in done.stderr)

    names = ["../../escaped", "/tmp/escaped", "..", "-rf", "a\nb", ".hidden", "a b", "x" * 300]
    place, jobs = done_jobs(world, "names", len(names))
    for job, name in zip(jobs, names):
        manifest = (job / "manifest.sha256").read_text(encoding="utf-8")
        (job / "manifest.sha256").write_text(re.sub(r"state\.jsonl\n", lambda _, name=name: name + "\n", manifest), encoding="utf-8")
    for name in ("..hidden", "-rf", "a\nb", "x y", "$(touch pwned)"):
        (pathlib.Path("names/jobs") / name).mkdir()
        (pathlib.Path("names/jobs") / name / "model.jsonl").write_text("{}\n", encoding="utf-8")
    done = world.simulate("--fetch", place, "--into", "into/names")
    failures = done.stdout.count('"kind":"failure"')
    escaped = [path for path in ("escaped", "into/escaped", "/tmp/escaped", "pwned") if os.path.exists(path)]
    check("names that a manifest should not have, folders that no job has", f"status {done.returncode}, {failures} of {len(names)} jobs refused, "
          f"{len(escaped)} files elsewhere", "2, all, 0", done.returncode == 2 and failures == len(names) and not escaped)


def full_disk(world, check):
    """\\return why not, where it can't be tried"""
    os.mkdir("small")
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", "small"], capture_output=True, check=False).returncode != 0:
        return "refusals: a full remote disk needs root, who may mount"
    try:
        fill = pathlib.Path("small/fill")
        subprocess.run(["dd", "if=/dev/zero", f"of={fill}", "bs=4k"], capture_output=True, check=False)  # until there is no room
        place, model = f"far:{world.here}/small/work", world.model("full", 10)
        first = world.simulate("--submit", place, "--template", "quick.sh", model)
        fill.unlink()
        second = world.simulate("--submit", place, "--template", "quick.sh", model)
        fetched = world.simulate("--fetch", place, "--into", "into-full", "--follow", "--poll", "1")
        check("a full remote disk", f"status {first.returncode}, {first.stderr.strip()[-60:]!r}; once there is room "
              f"{second.stdout.count('job-submitted')} job, fetched {fetched.returncode}", "69, want of room; 1, 0",
              first.returncode == 69 and "for want of room" in first.stderr and second.stdout.count("job-submitted") == 1 and fetched.returncode == 0)
    finally:
        subprocess.run(["umount", "-l", "small"], check=False)
    return ""


def secrets(world, check, argvs):
    """Of passphrases and private keys, in all that was said, written, or could be seen of processes."""
    private = [line for name in ("mine", "other", "rsa", "locked", "loose") for line in pathlib.Path(name).read_text(encoding="utf-8").splitlines()
               if len(line) > 40 and "PRIVATE KEY" not in line]
    words = [PASSPHRASE, ASKED, *private]
    written = [path for folder in ("state", "gone", "names", "into", "into-gone", "run") for path in pathlib.Path(folder).rglob("*")
               if stat.S_ISREG(path.lstat().st_mode)] + list(pathlib.Path(".").glob("*.log"))
    places_of = {"words": "\n".join(world.said), "files": "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in written),
                 "argv": "\n".join(one.decode(errors="replace") for one in argvs if b"ssh-keygen" not in one)}
    found = [name for name, text in places_of.items() for word in words if word in text]
    models = sum("twin-model" in text or '"structure"' in text for text in places_of["argv"].split("\n"))
    check("passphrases and private keys in what was said, in logs and records, in any argv; models in an argv",
          f"{len(found)} of {len(words)} words in {len(world.said)} outputs, {len(written)} files and {len(argvs)} argv; {models}", "none", not found and models == 0)


def refusals(binary, check, model, start, free_port):
    """\\return what could not be tried"""
    before = os.getcwd()
    os.mkdir("refused")
    os.chdir("refused")
    try:
        world = World(binary, start, free_port)
        world.model = model
        os.makedirs("empty/jobs")
        os.makedirs("run", mode=0o700)
        watch = Watch()
        port = keys_of_hosts(world, check)
        rsa(world, check, port)
        keys_of_ours(world, check, port)
        model("m", 10)
        places(world, check)
        files(world, check)
        gap = full_disk(world, check)
        secrets(world, check, watch.end())
        shutil.rmtree("programs")
        return [gap] if gap else []
    finally:
        os.chdir(before)
