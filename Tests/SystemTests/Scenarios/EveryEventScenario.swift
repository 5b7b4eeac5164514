/// Has everything happen to a server that leaves a record, and writes the journal into a file.
enum EveryEventScenario {
    /// For bash, behind ``Scenario/functions``.
    static let text = #"""
        shift_clock 0
        certificate
        start --audit-outbox 1000
        trap 'kill $server 2>/dev/null; tail -n 5 "$data.err" >&2' EXIT
        cli tenant create acme
        cli tenant set-profile acme okta
        cli tenant set-audit-identifiers acme hmac
        token=$(issue generate acme)
        ask GET /Users > /dev/null
        cli tenant enable-scim acme

        # Users
        ann=$(ask POST /Users "$(user ann ',"externalId":"e1","active":true,"shoeSize":9')" | id)
        ask POST /Users "$(user ann)" > /dev/null
        ask PUT "/Users/$ann" "$(user ann ',"externalId":"e2","active":true,"title":"Dr"')" > /dev/null
        ask PATCH "/Users/$ann" "$(change '{"op":"replace","value":{"userName":"anna","title":"Prof"}}')" > /dev/null
        curl -sS --cacert "$data.cert" -H "Authorization: Bearer $token" -A 'Okta SCIM Client 1.0.0' \
            -H 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' "$url/Users?count=0" > /dev/null
        for active in false true; do
            ask PATCH "/Users/$ann" "$(change '{"op":"replace","value":{"active":'$active'}}')" > /dev/null
        done
        ask PATCH "/Users/$ann" "$(change '{"op":"replace","value":{"password":"secret"}}')" > /dev/null

        # A bulk request makes 70 users, and a group of them.
        bulk() { # COUNT PREFIX: makes that many users, and a group of them
            local operations='' members=''
            for n in $(seq "$1"); do
                operations+='{"method":"POST","path":"/Users","bulkId":"u'$n'","data":'"$(user "$2$n")"'},'
                members+='{"value":"bulkId:u'$n'"},'
            done
            echo '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":['"$operations"'
                {"method":"POST","path":"/Groups","bulkId":"g","data":'"$(group Many ',"members":['"${members%,}"']')"'}]}'
        }
        ask POST /Bulk "$(bulk 70 u)" > "$data.bulk"
        many=$(grep -o 'Groups\\*/[0-9a-f-]*' "$data.bulk" | tail -1 | sed 's|.*/||')
        staff=$(ask POST /Groups "$(group Staff ',"externalId":"g1","colour":"red"')" | id)
        ask PATCH "/Groups/$staff" "$(change '{"op":"add","path":"members","value":[{"value":"'$ann'"}]}')" > /dev/null
        ask PATCH "/Groups/$staff" "$(change '{"op":"add","path":"members","value":[{"value":"01935b20-0000-7abc-8000-000000000001"},
            {"value":"'$(grep -o 'Users\\*/[0-9a-f-]*' "$data.bulk" | head -1 | sed 's|.*/||')'"}]}')" > /dev/null
        ask PATCH "/Groups/$staff" "$(change '{"op":"replace","value":{"displayName":"All staff"}}')" > /dev/null
        curl -sS --cacert "$data.cert" -H "Authorization: Bearer $token" -H 'Content-Type: application/scim+json' \
            -H 'Prefer: transaction=all' "$url/Bulk" > "$data.reply" --data-binary \
            '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"x","data":'"$(user u1)"'}]}'
        ask PUT /Groups/01935b20-0000-7abc-8000-000000000001 "$(group None)" > /dev/null
        cli export acme --output "$data.export"
        cli tenant create copy
        cli import resources copy "$data.export"
        ask PUT "/Groups/$many" "$(group Few)" > /dev/null
        ask DELETE "/Users/$ann" > /dev/null
        ask DELETE "/Groups/$staff" > /dev/null

        # Resources of a type of the tenant's own
        cli schema add acme "$data.schemas"
        cli resource-type add acme "$data.type"
        printer=$(ask POST /Printers "$(cat "$data.printer")" | id)
        ask PATCH "/Printers/$printer" "$(change '{"op":"replace","path":"displayName","value":"Two"}')" > /dev/null
        ask DELETE "/Printers/$printer" > /dev/null

        # Reads, refusals, imports
        cli tenant set-audit-reads acme all
        ask GET "/Users?filter=userName%20eq%20%22u1%22" > /dev/null
        ask GET "/Groups/$many" > /dev/null
        cli tenant set-audit-read-sample acme 10
        for _ in $(seq 150); do echo "url = \"$url/Users?filter=userName%20eq%20%22u1%22\""; done > "$data.many"
        for _ in $(seq 100); do echo "url = \"$url/Groups/$many\""; done >> "$data.many"
        curl -sS --cacert "$data.cert" -H "Authorization: Bearer $token" -K "$data.many" > "$data.reply"
        cli tenant set-audit-reads acme none
        for _ in 1 2 3; do curl -sS --cacert "$data.cert" -H 'Authorization: Bearer pscim_wrong' "$url/Users" > /dev/null; done
        for _ in 1 2 3; do ask POST /Users '{"schemas":' > /dev/null; done
        printf 'userName,firstName\nbob,Bob\n' > "$data.csv"
        cli import users acme "$data.csv" --even-though-scim-is-connected
        admin POST /tenants/acme/import/stop '{}' > "$data.reply"

        # Tokens and the console
        old=$token
        token=$(issue regenerate acme --overlap 1h)
        first=$("$pharos" token list acme --data "$data" --json | grep -o '"id":"[0-9a-f]\{12\}"' | cut -d'"' -f4 | head -1)
        cli token retire acme "$first" --unused 1h || cli token list acme
        link=$(admin POST /console-links '{"tenant":"acme"}' | sed 's|\\/|/|g' | sed 's/.*"path":"\/link\/\([^"]*\)".*/\1/')
        admin POST /console-links/redeem '{"secret":"'"$link"'","address":"203.0.113.7"}' > "$data.reply"
        for _ in 1 2; do admin POST /console-links/redeem '{"secret":"'"$link"'","address":"203.0.113.7"}' > "$data.reply"; done
        for outcome in '"signedIn","role":"reader"' '"noRole"' '"signedOut"'; do
            admin POST /console-sign-ins '{"outcome":'"$outcome"',"tenant":"acme","address":"203.0.113.7"}' \
                -H 'Pharos-Person: ann@example.com' > "$data.reply"
        done
        admin POST /tenants/acme/rehearsals '{"client":"okta"}' > "$data.reply"
        cli reload

        # The trail about itself
        recorded audit.checkpoint
        "$pharos" audit verify --record --data "$data" > "$data.verified"
        recorded audit.verify
        journalctl --namespace=scim -t scim-audit -o export | sed 's/^SCIM_STATUS=201$/SCIM_STATUS=200/' > "$data.changed"
        "$pharos" audit verify --record --data "$data" "$data.changed" > "$data.verified" || true
        recorded audit.verify 2
        journal
        ask POST /Bulk "$(bulk 110 d)" > /dev/null
        sleep 3
        for prefix in r s t; do ask POST /Bulk "$(bulk 400 $prefix)" > /dev/null; done
        sleep 2
        ask POST /Users "$(user refused)" > "$data.refused"
        journal_back
        recorded audit.refusing
        recorded audit.recovered
        cli tenant disable-scim acme
        for _ in 1 2; do ask GET /Users > /dev/null; done
        stop

        # A journal that has lost what it had
        journal --lost
        journal_back
        start --audit-on-full continue --requests-per-second 1 --request-burst 5
        recorded audit.replay
        cli tenant enable-scim acme
        for _ in $(seq 60); do echo "url = \"$url/Users?count=0\""; done > "$data.many"
        curl -sS --cacert "$data.cert" -H "Authorization: Bearer $token" -K "$data.many" > "$data.reply"
        recorded rate.limited
        stop

        # Clocks: ahead and right again; at the end of a token's year; and back
        start
        shift_clock 7200
        ask POST /Users "$(user late)" > /dev/null
        shift_clock 0
        for n in $(seq 20); do ask POST /Users "$(user "right$n")" > /dev/null; sleep 0.1; done
        recorded clock.ahead
        stop
        shift_clock $((300 * 86400))
        start
        recorded token.expiring
        stop
        shift_clock $((400 * 86400))
        start
        recorded token.expired
        stop
        shift_clock $((399 * 86400))
        start
        for n in $(seq 5); do admin POST /tenants '{"name":"back'$n'"}' > /dev/null; sleep 0.3; done
        recorded clock.behind
        token=$(issue generate acme)
        revoked=$("$pharos" token list acme --data "$data" --json | grep -o '"id":"[0-9a-f]\{12\}"' | cut -d'"' -f4 | tail -1)
        cli token revoke acme "$revoked"
        for n in 1 2 3 4 5; do cli tenant delete back$n --yes; done
        "$pharos" backup "$data.backup" --data "$data" > "$data.cli"
        recorded store.snapshot
        stop
        trap - EXIT
        cli audit restored
        start
        recorded store.restore
        stop
        journalctl --namespace=scim --sync
        journalctl --namespace=scim SYSLOG_IDENTIFIER=scim-audit -o json --all > "$data.journal"
        """#
}
