# How long a tenant waits while another floods the server; to be sourced by Benchmarks/Figures/run.
#
# The tenant `light` asks 100 times a second; 256 connections of the tenant `bench` send as fast as they get answers.

light() { # NAME WORKLOAD: what the tenant waits, counted from the moment at which a request is due
    taskset -c 1 "$binary" load --url "${url/bench/light}" --token-file "$work/light.token" --workload "$2" \
        --users "$few_users" --rate 100 --connections 8 --duration "$seconds" --warm-up 1 --allow-changes --json \
        > "$work/load.out" || fail "$1: $(cat "$work/load.out")"
    note "$1-50" "$(latency response p50)"
    note "$1-99" "$(latency response p99)"
}

light_beside() { # NAME WORKLOAD FLOOD
    local flood
    # So that the flood's tenant may ask for what its load test needs, after the last one.
    sleep 1
    # The flood leaves the processor to the other client whenever that has something to do: the server is what is measured.
    nice -n 19 taskset -c 1 "$binary" load --url "$url" --token-file "$work/token" --workload "$3" --users "$few_users" \
        --connections 256 --duration $((seconds + 30)) --warm-up 0 --allow-changes --json > "$work/flood.out" 2>&1 &
    flood=$!
    sleep 1
    light "$1" "$2"
    kill "$flood" 2>/dev/null || fail "the flood ended: $(cat "$work/flood.out")"
    wait "$flood" || true
}

measure_fairness() {
    few_users=$((users < 500 ? users : 500))
    new_tenant light > "$work/light.token"
    prepare_tenant "${url/bench/light}" "$work/light.token" "$few_users" 1
    # Groups for the flood of changes.
    prepare_tenant "$url" "$work/token" "$few_users" 32
    for ((round = 1; round <= rounds; round++)); do
        say "Two tenants, round $round of $rounds"
        light look-up-alone filter
        light change-alone patch
        light_beside look-up-flood filter filter
        light_beside change-flood patch group-patch
    done
    stop_servers
    serve
    for ((round = 1; round <= rounds; round++)); do
        say "Two tenants at the default rate, round $round of $rounds"
        light_beside look-up-rated filter filter
        light_beside change-rated patch group-patch
    done
}

fairness_rows() { # look-up|change FLOOD
    local case words
    for case in alone flood rated; do
        case $case in
        alone) words="$1 alone" ;;
        flood) words="$1 beside a flood of $2" ;;
        rated) words="$1 beside a flood of $2, default rate" ;;
        esac
        printf '%-58s %9.2f %9.2f\n' "$words" "$(middle "$1-$case-50")" "$(middle "$1-$case-99")"
    done
}

print_fairness() {
    echo "Two tenants: what one waits that asks 100 times a second, while 256 connections of the other send as fast as they get"
    echo "answers; median and 99th percentile, ms"
    fairness_rows look-up look-ups
    fairness_rows change 'PATCHes of groups'
}
