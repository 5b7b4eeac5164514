# What the benchmarks of whole servers share; to be sourced in the repository's folder, with $work, $binary and $running.

fail() { echo "bench: $*" >&2; exit 1; }
say() { echo "$*" >&2; }

free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    fail "no port is free"
}

wait_for_port() { # PORT LOG
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.1
    done
    fail "no answer from a server: $(tail -3 "$2")"
}

start_server() {
    local port command
    port=$(free_port)
    # Records are taken off the outbox and written, as ever; the host's journal is spared a hundred thousand of them.
    command=("$binary" serve --data "$work/data" --listen "127.0.0.1:$port" --http --loops 1 --audit-output stdout --requests-per-second 0)
    taskset -c 0 "${command[@]}" >/dev/null 2>"$work/server.log" &
    server=$!
    running+=("$server")
    wait_for_port "$port" "$work/server.log"
    "$binary" tenant create bench --data "$work/data" >/dev/null
    "$binary" tenant enable-scim bench --data "$work/data" >/dev/null
    BENCH_TOKEN=$("$binary" token generate bench --data "$work/data" --json | sed -E 's/.*"token":"([^"]+)".*/\1/')
    export BENCH_TOKEN
    url=http://127.0.0.1:$port/bench/scim/v2
}

# --- Figures

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
lowest() { sort -g | head -1; }
highest() { sort -g | tail -1; }
