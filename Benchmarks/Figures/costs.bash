# What single requests and commands cost; to be sourced by Benchmarks/Figures/run.

scim=urn:ietf:params:scim

request() { # METHOD PATH [FILE]: its answer is in $work/answer, and what it took, in ms, in $took
    local result
    result=$(taskset -c 1 curl -s -X "$1" -o "$work/answer" -w '%{http_code} %{time_total}' "$url$2" ${3:+--data-binary "@$3"} \
        -H "Authorization: Bearer $BENCH_TOKEN" -H 'Content-Type: application/scim+json') || fail "$1 $2 was not answered"
    [[ $result == 20[014]* ]] || fail "$1 $2: $result $(head -c 500 "$work/answer")"
    took=$(awk -v seconds="${result#* }" 'BEGIN { printf "%.2f", seconds * 1000 }')
}

answer() { grep -oE "\"$1\":(\"[^\"]*\"|[0-9]+)" "$work/answer" | sed -E 's/^[^:]*:"?([^"]*)"?$/\1/'; } # NAME: its values

# --- Bulk requests

bulk_body() { # NAME [BYTES]: 1,000 new users, each with a title of so many bytes
    awk -v name="$1" -v title="$(printf "%0${2:-8}d" 0)" -v scim="$scim" 'BEGIN {
        printf "{\"schemas\":[\"%s:api:messages:2.0:BulkRequest\"],\"Operations\":[", scim
        for (i = 1; i <= 1000; i++) {
            printf "%s{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"%d\",\"data\":{", i == 1 ? "" : ",", i
            printf "\"schemas\":[\"%s:schemas:core:2.0:User\"],\"userName\":\"%s-%d\",\"externalId\":\"%s-%d\",", scim, name, i, name, i
            printf "\"name\":{\"givenName\":\"Ann\",\"familyName\":\"Lee\"},\"title\":\"%s\"}}", title
        }
        print "]}"
    }'
}

bulk() { # ROUND
    bulk_body "bulk-$1" > "$work/bulk.json"
    request POST /Bulk "$work/bulk.json"
    note bulk-ms "$took"
    [ "$(grep -o '"status":"201"' "$work/answer" | wc -l)" -eq 1000 ] || fail "not all users of the bulk request were created"
}

four_bulks() { # NAME: at once; leaves the most memory of its own that the server had meanwhile, in kB, in $peak
    local i requests=() now
    for i in 1 2 3 4; do bulk_body "$1-$i" 650 > "$work/bulk$i.json"; done
    for i in 1 2 3 4; do
        taskset -c 1 curl -sf -o "$work/bulk$i.out" "$url/Bulk" --data-binary "@$work/bulk$i.json" \
            -H "Authorization: Bearer $BENCH_TOKEN" -H 'Content-Type: application/scim+json' &
        requests+=("$!")
    done
    peak=0
    while kill -0 "${requests[@]}" 2>/dev/null; do
        now=$(memory RssAnon)
        peak=$((now > peak ? now : peak))
        sleep 0.02
    done
    for i in "${requests[@]}"; do wait "$i" || fail "a bulk request failed"; done
}

# Of a server that has just been started, so that nothing is left from what was done before.
bulks_beside_reads() { # ROUND
    local reads count=0 before
    stop_servers
    serve --requests-per-second 0
    taskset -c 1 "$binary" load --url "$url" --token-file "$work/token" --workload filter --users "$users" --json \
        --rate 100 --connections 8 --duration "$seconds" --warm-up 1 > "$work/load.out" &
    reads=$!
    sleep 1
    before=$(memory RssAnon)
    while kill -0 "$reads" 2>/dev/null; do
        four_bulks "four-$1-$((count += 1))"
        [ "$count" -gt 1 ] || note four-bulks-mb "$(awk "BEGIN { printf \"%.1f\", ($peak - $before) / 1000 }")"
    done
    wait "$reads" || fail "reads beside bulk requests: $(cat "$work/load.out")"
    note beside-bulk-50 "$(latency response p50)"
    note beside-bulk-99 "$(latency response p99)"
    note beside-bulk-most "$(latency response largest)"
}

# --- Work within one request

# A filter that no index answers and nothing fits.
scan() {
    request GET '/Users?count=1'
    local there
    there=$(answer totalResults)
    request GET '/Users?filter=title%20co%20%22zqxzqx%22'
    [ "$(answer totalResults)" -eq 0 ] || fail "somebody has the title zqxzqx"
    note scan-ms "$(awk "BEGIN { printf \"%.3f\", $took * 1000 / $there }")"
}

patch_body() { # OPERATIONS
    printf '{"schemas":["%s:api:messages:2.0:PatchOp"],"Operations":[%s]}' "$scim" "$1"
}

user_ids() { # of up to 10,000 users, on lines
    local start
    for ((start = 1; start <= users && start <= 10000; start += 1000)); do
        request GET "/Users?attributes=id&count=1000&startIndex=$start"
        answer id
    done
}

add_members() { # ROUND
    local group
    [ -e "$work/ids" ] || user_ids > "$work/ids"
    members=$(wc -l < "$work/ids")
    printf '{"schemas":["%s:schemas:core:2.0:Group"],"displayName":"All %s"}' "$scim" "$1" > "$work/body.json"
    request POST /Groups "$work/body.json"
    group=$(answer id | head -n 1)
    patch_body "$(sed 's/.*/{"value":"&"}/' "$work/ids" | paste -sd, | sed 's/.*/{"op":"add","path":"members","value":[&]}/')" \
        > "$work/body.json"
    request PATCH "/Groups/$group?attributes=id" "$work/body.json"
    note members-ms "$took"
}

# A thousand operations that each select one of a thousand values: what they take of a processor.
select_values() { # ROUND
    local values operations user before
    values=$(seq -f '{"value":"%04.0f@example.com","type":"work"}' 1000 | paste -sd,)
    printf '{"schemas":["%s:schemas:core:2.0:User"],"userName":"values-%s","emails":[%s]}' "$scim" "$1" "$values" > "$work/body.json"
    request POST /Users "$work/body.json"
    user=$(answer id | head -n 1)
    operations=$(seq -f '{"op":"replace","path":"emails[value eq \"%04.0f@example.com\"].type","value":"home"}' 1000 | paste -sd,)
    patch_body "$operations" > "$work/body.json"
    before=$(processor_time "$server")
    request PATCH "/Users/$user?attributes=id" "$work/body.json"
    note select-ms $((($(processor_time "$server") - before) * 1000 / $(getconf CLK_TCK)))
}

# --- Commands

# Changes without a backup, and while one backup follows the other.
change_beside_backup() {
    local backups
    load change-without-backup patch 64
    rm -f "$work/no-backup"
    until [ -e "$work/no-backup" ]; do
        rm -rf "$work/backup"
        nice -n 19 taskset -c 1 "$binary" backup "$work/backup" --data "$work/data" > "$work/backup.out" 2>&1 || exit 1
    done &
    backups=$!
    load change-beside-backup patch 64
    touch "$work/no-backup"
    wait "$backups" || fail "the backup: $(cat "$work/backup.out")"
}

# Starts a server that keeps what it records, until there are enough records.
write_trail() {
    local records=$work/records
    entries=100000
    [ -z "$quick" ] || entries=2000
    serve --requests-per-second 0
    until [ "$(wc -l < "$records")" -ge "$entries" ]; do load trail patch 64; done
    stop_servers
    head -n "$entries" "$records" > "$work/trail"
    head -n $((entries / 10)) "$records" > "$work/short-trail"
    rm "$records"
}

verify() { # FILE: the most memory that it took, in kB, in $peak; its processor time, in ticks, in $ticks
    local process now
    taskset -c 0 "$binary" audit verify "$1" > "$work/verify.out" 2>&1 &
    process=$!
    peak=0 ticks=0
    # Neither is told of a process that has ended.
    while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$process/status" 2>/dev/null) && [ -n "$now" ]; do
        peak=$now
        ticks=$(processor_time "$process" 2>/dev/null || echo "$ticks")
        sleep 0.01
    done
    wait "$process" || fail "the trail is not intact: $(cat "$work/verify.out")"
}

verify_trail() {
    verify "$work/short-trail"
    local least=$peak
    verify "$work/trail"
    note verify-seconds "$(awk "BEGIN { printf \"%.2f\", $ticks / $(getconf CLK_TCK) * 1e6 / $entries }")"
    # What the program takes without any records does not count.
    note verify-bytes "$(awk "BEGIN { printf \"%.0f\", ($peak - $least) * 1024 / ($entries - $entries / 10) }")"
}

measure_costs() {
    for ((round = 1; round <= rounds; round++)); do
        say "Costs, round $round of $rounds"
        bulk "$round"
        scan
        add_members "$round"
        select_values "$round"
        change_beside_backup
    done
    for ((round = 1; round <= rounds; round++)); do bulks_beside_reads "$round"; done
}

measure_trail() {
    say "Writing an audit trail"
    write_trail
    for ((round = 1; round <= rounds; round++)); do verify_trail; done
}

print_costs() {
    echo "Costs"
    row '1,000 new users by one bulk request, ms' bulk-ms
    row 'four bulk requests of 1 MB at once, memory, MB' four-bulks-mb 1
    row 'look-up beside them, median, ms' beside-bulk-50 2
    row 'look-up beside them, 99 %, ms' beside-bulk-99 2
    row 'look-up beside them, at worst, ms' beside-bulk-most 2
    row 'query without an index, ms for 1,000 users' scan-ms 2
    row "adding $members members to a group, ms" members-ms
    row '1,000 operations on 1,000 values each, processor time, ms' select-ms
    ratio 'changes beside backups / without' change-beside-backup change-without-backup
    row 'audit verify, seconds of a processor for a million records' verify-seconds 1
    row 'audit verify, bytes of memory for each record' verify-bytes
}
