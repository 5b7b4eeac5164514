/// Has everything go wrong with a journal that can, while a client writes.
enum FaultScenario {
    /// For bash, behind ``Scenario/functions``.
    static let text = #"""
        # Each fault of the journal, one after another, while a client writes: nothing may be lost, and nobody may wait.
        certificate
        start
        trap 'kill $server $writer $beater 2>/dev/null; tail -n 5 "$data.err" >&2' EXIT
        runtime=/run/systemd/journal.scim
        cli tenant create acme
        cli tenant enable-scim acme
        token=$(issue generate acme)
        write() { # until the file is there
            local n=0
            until [ -e "$data.enough" ]; do
                n=$((n + 1))
                printf '%s %s\n' "$(date +%s)" "$(curl -sS --cacert "$data.cert" -o /dev/null -w '%{http_code} %{time_starttransfer}' \
                    -H "Authorization: Bearer $token" -H 'Content-Type: application/scim+json' -d "$(user "w$n")" "$url/Users")"
            done > "$data.writes"
        }
        beat() { # how long anybody waits who starts programs and writes to the disk, in milliseconds
            local begun
            until [ -e "$data.enough" ]; do
                begun=$(date +%s%N)
                dd if=/dev/zero of="$data.beat" bs=4096 count=1 conv=fsync 2> /dev/null
                echo $((($(date +%s%N) - begun) / 1000000))
                sleep 0.1
            done > "$data.beats"
        }
        write & writer=$!
        beat & beater=$!
        pid() { cat "$WITH_JOURNAL_FOLDER/pid"; }
        settings=/run/systemd/journald@scim.conf.d/zz-fault.conf
        restart() { kill "$(pid)"; sleep 0.5; }

        sleep 1
        kill -9 "$(pid)"; sleep 1                                       # killed
        kill -STOP "$(pid)"; sleep 3; kill -CONT "$(pid)"               # paused
        mv $runtime/socket $runtime/away; sleep 1; mv $runtime/away $runtime/socket   # unplugged
        restart                                                         # restarted
        head -c 400M /dev/zero > /run/log/filler 2> "$data.full" || true; sleep 2; rm /run/log/filler   # its disk full
        printf '[Journal]\nRateLimitIntervalSec=30s\nRateLimitBurst=20\n' > $settings; restart; sleep 3 # rate limited
        rm $settings; restart
        chmod 0 $runtime/socket; sleep 1; chmod 666 $runtime/socket     # refusing
        sleep 1
        cp -a /run/log/journal "$data.yesterday"
        sleep 1
        touch "$data.enough"; wait $writer; wait $beater
        stop
        journal --lost; journal_back                                    # in memory, and lost
        start
        recorded audit.replay
        stop
        journal --lost                                                  # put back as it was before
        cp -a "$data.yesterday/." /run/log/journal/
        journal_back
        start
        recorded audit.replay
        journal --lost; journal_back                                    # lost while the server runs
        # A journald that is still starting cannot be read yet.
        for _ in $(seq 200); do "$pharos" audit replay --data "$data" --json > "$data.replayed" && break; sleep 0.1; done
        # What one try has sent may come after it has given up, so that the next one sends nothing.
        [ "$(journalctl --namespace=scim SCIM_EVENT=user.create -o json --output-fields=SCIM_SEQ | grep -c SCIM_SEQ)" -gt 10 ]
        cli tenant disable-scim acme
        recorded tenant.suspend
        stop
        trap - EXIT
        journalctl --namespace=scim --sync
        "$pharos" audit verify --data "$data" --whole --json > "$data.verified" || true
        grep -vc ' 201 ' "$data.writes" > "$data.refused" || true
        journalctl --namespace=scim SCIM_EVENT=user.create -o json --output-fields=SCIM_SEQ | grep -o '"SCIM_SEQ":"[0-9]*"' | sort -u | wc -l > "$data.created"
        """#
}
