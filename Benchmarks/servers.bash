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

serve() { # [OPTION...]: a server on the data of $work; its audit records go to $records, or nowhere
    local port
    port=$(free_port)
    # Records are taken off the outbox and written, as ever; the host's journal is spared a hundred thousand of them.
    taskset -c 0 "$binary" serve --data "$work/data" --listen "127.0.0.1:$port" --http --loops 1 --audit-output stdout "$@" \
        >"${records:-/dev/null}" 2>"$work/server.log" &
    server=$!
    running+=("$server")
    wait_for_port "$port" "$work/server.log"
    url=http://127.0.0.1:$port/bench/scim/v2
}

new_tenant() { # NAME: prints its token
    "$binary" tenant create "$1" --data "$work/data" >/dev/null
    "$binary" tenant enable-scim "$1" --data "$work/data" >/dev/null
    "$binary" token generate "$1" --data "$work/data" --json | sed -E 's/.*"token":"([^"]+)".*/\1/'
}

start_server() {
    serve --requests-per-second 0
    BENCH_TOKEN=$(new_tenant bench)
    export BENCH_TOKEN
}

stop_servers() {
    kill "${running[@]}" 2>/dev/null || true
    wait "${running[@]}" || true
    running=()
}

memory() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$server/status"; } # kB
processor_time() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # PROCESS: in ticks

# --- Figures

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
lowest() { sort -g | head -1; }
highest() { sort -g | tail -1; }
