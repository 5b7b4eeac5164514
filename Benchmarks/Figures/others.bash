# The servers that are put beside this one; to be sourced by Benchmarks/Figures/run.

# --- PostgreSQL

# PostgreSQL does not run as root.
as_postgres=()
[ "$(id -u)" -ne 0 ] || as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)

start_postgres() {
    local folder
    # Where there is none, ls fails.
    folder=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1) || folder=
    [ -z "$folder" ] || PATH=$folder:$PATH
    for program in postgres initdb pgbench psql; do
        command -v "$program" >/dev/null || { without_postgres="$program is not installed"; return; }
    done
    [ "$(id -u)" -ne 0 ] || id postgres >/dev/null 2>&1 || { without_postgres="there is no user postgres"; return; }
    postgres_port=$(free_port)
    mkdir "$work/postgres"
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$work/postgres"
        chmod 711 "$work"
        # The folders above may belong to root alone.
        "${as_postgres[@]}" test -w "$work/postgres" || { without_postgres="the user postgres cannot reach $work"; return; }
    fi
    "${as_postgres[@]}" initdb -D "$work/postgres/data" -U postgres -A trust > "$work/postgres.log" 2>&1 ||
        fail "initdb: $(tail -3 "$work/postgres.log")"
    "${as_postgres[@]}" taskset -c 0 postgres -D "$work/postgres/data" -p "$postgres_port" -h 127.0.0.1 -k '' \
        >> "$work/postgres.log" 2>&1 &
    running+=("$!")
    wait_for_port "$postgres_port" "$work/postgres.log"
    local i
    for i in $(seq 50); do sql -c 'SELECT 1' > /dev/null 2>&1 && break; sleep 0.1; done
    sql -q -c "CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text UNIQUE, title text, record text)" \
        -c "INSERT INTO users (name, title, record) SELECT 'load-' || lpad(n::text, greatest(6, length(n::text)), '0'), 'Engineer', repeat('x', 1000)
            FROM generate_series(1, $users) n" -c "VACUUM ANALYZE users" || fail "the table could not be filled"
    printf '%s\n' "\\set n random(1, $users)" \
        "SELECT id, record FROM users WHERE name = 'load-' || lpad(:n::text, greatest(6, length(:n::text)), '0');" > "$work/look-up.sql"
    printf '%s\n' "\\set n random(1, $users)" "\\set t random(1, 1000000000)" \
        "UPDATE users SET title = 'Title ' || :t WHERE name = 'load-' || lpad(:n::text, greatest(6, length(:n::text)), '0');" > "$work/change.sql"
}

sql() { psql -X -h 127.0.0.1 -p "$postgres_port" -U postgres -d postgres -v ON_ERROR_STOP=1 "$@"; }

pgbench_run() { # NAME SCRIPT CONNECTIONS
    taskset -c 1 pgbench -h 127.0.0.1 -p "$postgres_port" -U postgres -n -M prepared -f "$work/$2.sql" -c "$3" -j 1 \
        -T "$seconds" postgres > "$work/pgbench.out" 2>&1 || fail "$1: $(tail -3 "$work/pgbench.out")"
    note "$1" "$(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$work/pgbench.out")"
}

# --- slapd

start_slapd() {
    for program in slapd slapadd ldapsearch ldapmodify; do
        command -v "$program" >/dev/null || { without_slapd="$program is not installed"; return; }
    done
    [ -e /etc/ldap/schema/inetorgperson.schema ] || { without_slapd="its schemas are not installed"; return; }
    local port i
    port=$(free_port)
    slapd_url=ldap://127.0.0.1:$port
    mkdir "$work/slapd"
    cat > "$work/slapd.conf" <<END
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $work/slapd.pid
database mdb
suffix "dc=bench"
rootdn "cn=admin,dc=bench"
rootpw bench
directory $work/slapd
maxsize 4294967296
index objectClass,uid eq
END
    {
        printf 'dn: dc=bench\nobjectClass: dcObject\nobjectClass: organization\ndc: bench\no: bench\n\n'
        for ((i = 1; i <= users; i++)); do
            printf 'dn: uid=load-%06d,dc=bench\nobjectClass: inetOrgPerson\nuid: load-%06d\ncn: Ann Lee\nsn: Lee\n' "$i" "$i"
            printf 'title: Engineer\nmail: load-%06d@example.com\ndescription: %0800d\n\n' "$i" "$i"
        done
    } > "$work/entries.ldif"
    slapadd -q -f "$work/slapd.conf" -l "$work/entries.ldif" > "$work/slapd.log" 2>&1 ||
        fail "slapadd: $(tail -3 "$work/slapd.log")"
    taskset -c 0 slapd -d 0 -f "$work/slapd.conf" -h "$slapd_url" >> "$work/slapd.log" 2>&1 &
    running+=("$!")
    wait_for_port "$port" "$work/slapd.log"
    # About as much as a second's work, repeated for as long as is measured.
    slapd_look_ups=$((users < 5000 ? users : 5000)) slapd_changes=$((users < 500 ? users : 500))
    seq -f 'load-%06.0f' "$users" | shuf -n "$slapd_look_ups" --random-source=<(yes) > "$work/names"
}

slapd_run() { # NAME look-up|change
    local start now count=0
    start=$(date +%s%N)
    while true; do
        case $2 in
        look-up)
            taskset -c 1 ldapsearch -x -LLL -H "$slapd_url" -b dc=bench -f "$work/names" '(uid=%s)' > "$work/ldap.out" 2>&1
            count=$((count + slapd_look_ups)) ;;
        change)
            head -n "$slapd_changes" "$work/names" |
                sed "s/.*/dn: uid=&,dc=bench\nchangetype: modify\nreplace: title\ntitle: Title $RANDOM$RANDOM\n/" |
                taskset -c 1 ldapmodify -x -H "$slapd_url" -D cn=admin,dc=bench -w bench > "$work/ldap.out" 2>&1
            count=$((count + slapd_changes)) ;;
        esac || fail "$1: $(tail -3 "$work/ldap.out")"
        now=$(date +%s%N)
        [ $((now - start)) -lt $((seconds * 1000000000)) ] || break
    done
    note "$1" "$(per_second "$count" $((now - start)))"
}
