#!/usr/bin/env bash
# The first run on a machine with a GPU: one command from a clean clone, below nine minutes.
#
#   benchmarks/gpu_first_run.sh [--dry-run | --try] [--wheels FOLDER] [--python PYTHON]
#       [--venv FOLDER] [--out FOLDER]
#
# It installs into .venv-gpu (from FOLDER alone with --wheels, which needs no network; not at all
# with --python, which names one that has all), then runs the doctor, the GPU tests, the checklist
# and the benchmarks. Each part has its own time and none stops another; what one leaves over, the
# benchmarks have. What they say is in the folder to be committed, benchmarks/results/gpu-DATE by
# default, and tables.md there is for the README; FAILED in its summary.txt says what to look at.
# The exit status is 0 if all of it went well. --dry-run only says what would be done; --try goes
# through it where there is no GPU, on the double and the CPU: that measures nothing.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 2
out="benchmarks/results/gpu-$(date -u +%Y-%m-%d)"
venv=.venv-gpu
python="" wheels="" dry=0 try=0
total=530 # seconds for all parts

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"
    exit "$1"
}

while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --try) try=1 ;;
    --wheels | --python | --out | --venv)
        if [ $# -lt 2 ]; then
            echo "gpu_first_run: $1: expected a value, got none." >&2
            exit 2
        fi
        case $1 in
        --wheels) wheels=$2 ;;
        --python) python=$2 ;;
        --out) out=$2 ;;
        --venv) venv=$2 ;;
        esac
        shift
        ;;
    -h | --help) usage 0 ;;
    *)
        echo "gpu_first_run: expected a known option, got $1." >&2
        usage 2 >&2
        ;;
    esac
    shift
done

failures=0
planned=0

# left SECONDS LEAST: how much of the time is there still, if so much is kept for what follows.
left() {
    local used=$SECONDS
    [ "$dry" = 1 ] && used=$planned
    local rest=$((total - used - $1))
    echo $((rest > $2 ? rest : $2))
}

# part NAME SECONDS COMMAND...: run it for so long at most; its output goes to the folder.
part() {
    local name=$1 seconds=$2 status start
    shift 2
    planned=$((planned + seconds))
    if [ "$dry" = 1 ]; then
        printf '%s (at most %s s):' "$name" "$seconds"
        printf ' %q' "$@"
        printf '\n'
        return 0
    fi
    printf '=== %s\n' "$name"
    start=$SECONDS
    timeout --signal=INT --kill-after=5 "$seconds" "$@" >"$out/$name.log" 2>&1
    status=$?
    tail -n 5 "$out/$name.log"
    if [ "$status" = 0 ]; then
        echo "$name: done in $((SECONDS - start)) s" >>"$out/summary.txt"
    else
        [ "$status" = 124 ] && status="124, its $seconds s were over"
        echo "$name: FAILED, status $status, after $((SECONDS - start)) s" | tee -a "$out/summary.txt"
        failures=$((failures + 1))
        return 1
    fi
}

cuda=13
if command -v nvidia-smi >/dev/null; then
    # A driver of CUDA 12 runs nothing that is made for 13.
    timeout 20 nvidia-smi 2>&1 | grep -q 'CUDA Version: 12' && cuda=12
fi
if [ "$dry" = 0 ]; then
    mkdir -p "$out"
    git rev-parse HEAD >"$out/summary.txt" 2>/dev/null || echo "no git repository" >"$out/summary.txt"
    date -u +%Y-%m-%dT%H:%M:%SZ >>"$out/summary.txt"
    if command -v nvidia-smi >/dev/null; then
        timeout 20 nvidia-smi >"$out/nvidia-smi.txt" 2>&1
    fi
fi

if [ -z "$python" ]; then
    python=$venv/bin/python
    source=()
    [ -n "$wheels" ] && source=(--no-index --find-links "$wheels")
    # torch is there to be compared with: where a machine has it already, it is that one.
    part environment 20 python3 -m venv --system-site-packages "$venv"
    wanted=('numpy>=2.0' 'matplotlib>=3.8' 'pillow>=10.1' 'pytest>=8.0' 'hypothesis>=6.100' threadpoolctl)
    # A second wheel of CuPy beside one that is there would break both.
    if [ "$dry" = 1 ] || ! "$python" -c 'import cupy' 2>/dev/null; then
        wanted+=("cupy-cuda${cuda}x[ctk]>=14.2,<15")
    fi
    part install 80 "$python" -m pip install -q "${source[@]}" "${wanted[@]}"
    part install-cudnn 40 "$python" -m pip install -q "${source[@]}" \
        'nvidia-cudnn-frontend>=1.23,<1.29' "nvidia-cudnn-cu$cuda>=9.10"
    if [ "$dry" = 0 ] && [ ! -x "$python" ]; then
        python=python3
    fi
fi
export PYTHONPATH="$root"

tests=() checklist=() benchmarks=()
if [ "$try" = 1 ]; then
    tests=(--gpu-double) checklist=(--device cpu)
    benchmarks=(--device cpu --cases "tiny,tiny conv,tiny forward,tiny fit" --turns 2)
else
    part doctor 30 "$python" -m dezero.doctor
fi
# The report is beside the folder, where the README looks for it.
seconds=$(left 160 60)
part tests "$seconds" "$python" -m tests.gpu.parallel --gpu-report "$out.json" \
    --seconds $((seconds - 15)) "${tests[@]}"
part checklist 40 "$python" benchmarks/gpu_checklist.py --out "$out" "${checklist[@]}"
seconds=$(left 5 60)
part benchmarks "$seconds" "$python" benchmarks/gpu_training.py --budget $((seconds - 25)) \
    --out "$out/gpu_training.json" "${benchmarks[@]}"
if [ "$try" = 0 ]; then
    part tables 5 "$python" benchmarks/gpu_tables.py "$out.json" "$out/gpu_training.json"
    [ "$dry" = 1 ] || mv "$out/tables.log" "$out/tables.md"
fi

if [ "$dry" = 1 ]; then
    echo "at most $planned s in all; everything goes to $out and $out.json"
    exit 0
fi
echo "$failures parts failed" >>"$out/summary.txt"
cat "$out/summary.txt"
if [ "$try" = 1 ]; then
    echo "This was a trial without a GPU: nothing of it is to be kept."
else
    echo "To keep it: git add $out $out.json && git commit -m 'Record the first run on a GPU'"
fi
[ "$failures" = 0 ]
