/// Sends a word in every value that a client or an operator can send, and looks for it in all that a server tells.
enum CanaryScenario {
    /// For bash, behind ``Scenario/functions``.
    static let text = #"""
        word=kanarienvogel # stands in every value that a client or an operator can send
        certificate
        start
        trap 'kill $server 2>/dev/null; tail -n 5 "$data.err" >&2' EXIT
        cli tenant create acme
        cli tenant enable-scim acme
        cli tenant set-audit-identifiers acme hmac
        cli tenant set-audit-reads acme all
        token=$(issue generate acme)
        : > "$data.answers"
        refused() { # [CURL OPTION...] PATH: keeps the answer, which has to be an error
            curl -sS --cacert "$data.cert" -w '%{http_code}\n' -H "Authorization: Bearer $token" \
                -H 'Content-Type: application/scim+json' "${@:1:$#-1}" "$url${*: -1}" >> "$data.answers"
        }

        # Values that are kept
        ann=$(ask POST /Users "$(user "$word" ',"externalId":"'$word'","title":"'$word'","password":"'$word'","'$word'":"'$word'",
            "name":{"familyName":"'$word'"},"emails":[{"value":"'$word'@example.com","type":"'$word'"}]')" | id)
        [ -n "$ann" ]
        staff=$(ask POST /Groups "$(group "$word" ',"externalId":"'$word'"')" | id)
        ask PATCH "/Users/$ann" "$(change '{"op":"replace","path":"title","value":"'$word'2"}')" > "$data.reply"
        ask PATCH "/Users/$ann" "$(change '{"op":"replace","path":"emails[value eq \"'$word'@example.com\"].display","value":"'$word'"}')" > "$data.reply"
        for filter in "userName%20eq%20%22$word%22" "emails%5Bvalue%20eq%20%22$word%22%5D" "title%20co%20%22$word%22%20and%20active%20eq%20true"; do
            ask GET "/Users?filter=$filter" > "$data.reply"
        done

        # Values that are refused: bodies, paths, queries, headers
        refused -d "$(user "$word")" /Users
        refused -d '{"schemas":["'$word'"],"userName":"'$word'"}' /Users
        refused -d '{"userName":"'$word /Users
        refused -d "$(user x ',"emails":"'$word'","name":["'$word'"]')" /Users
        refused -d "$(user x ',"active":"'$word'"')" /Users
        refused -X PATCH -d "$(change '{"op":"'$word'","path":"title","value":"x"}')" "/Users/$ann"
        refused -X PATCH -d "$(change '{"op":"replace","path":"'$word'[","value":"x"}')" "/Users/$ann"
        refused -X PATCH -d "$(change '{"op":"replace","path":"'$word'","value":"x"}')" "/Users/$ann"
        refused -X PATCH -d "$(change '{"op":"add","path":"members","value":"'$word'"}')" "/Groups/$staff"
        refused -d '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":["'$word'"]}' /Bulk
        ask POST /Bulk '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
            {"method":"POST","path":"/'$word'","bulkId":"a '$word'","data":{}},{"method":"'$word'","path":"/Users"},
            {"method":"POST","path":"/Users","bulkId":"b","data":'"$(user b ',"manager":"'$word'","title":["'$word'"]')"'}]}' >> "$data.bulk"
        refused -X GET "/Users/$word"
        refused -X GET "/$word"
        refused -X GET "/Users?filter=$word"
        refused -X GET "/Users?filter=userName%20$word%20%22x%22"
        refused -X GET "/Users?filter=userName%20eq%20%22$word"
        refused -X GET "/Users?startIndex=$word"
        refused -X GET "/Users?cursor=$word"
        refused -X GET "/Users?sortBy=$word%5B"
        refused -X GET "/Users?attributes=$word%5B"
        refused -X PUT -d "$(user x)" "/Users/$word"
        refused -X "$word" /Users
        refused -d '{}' -H "Content-Type: text/$word" /Users
        refused -d '{}' -H "Content-Encoding: $word" /Users
        refused -X GET -H "If-Match: $word" "/Users/$ann"
        refused -X GET -H "Host: $word" "/Users?filter=$word"
        refused -X GET -H "Authorization: Bearer $word" /Users
        refused -X GET -H "Authorization: Basic $word" /Users
        refused -X GET -H "Authorization: Bearer pscim_$word" /Users
        for field in Cookie Forwarded X-Forwarded-For Prefer traceparent Referer "$word" X-Request-Id; do
            ask GET /Users?count=0 > "$data.reply"
            curl -sS --cacert "$data.cert" -H "Authorization: Bearer $token" -H "$field: $word" "$url/Users?count=0" > "$data.reply"
        done
        url=$base/$word/scim/v2 refused -X GET /Users
        url=$base/acme/scim/$word refused -X GET /Users
        address=${base#https://}
        for request in "$word / HTTP/1.1" "GET /$word HTTP/9.9" "GET / HTTP/1.1\r\n$word" "GET /acme/scim/v2/Users HTTP/1.1\r\nHost: x\r\n$word : x"; do
            printf "$request\r\n\r\n" | timeout 5 openssl s_client -quiet -connect "$address" >> "$data.answers" 2> "$data.openssl" || true
        done

        # The web console: paths, queries, cookies, forms, files, and what an identity provider sends back
        printf '{"operators":{"issuer":"https://127.0.0.1:1","clientID":"a","owners":["ann@example.com"]}}' > "$data.sign-in"
        "$pharos" console serve --data "$data" --http --listen 127.0.0.1:0 --sign-in "$data.sign-in" --json \
            > "$data.consoles" 2> "$data.console" & console=$!
        trap 'kill $server $console 2>/dev/null; tail -n 5 "$data.err" "$data.console" >&2' EXIT
        for _ in $(seq 200); do grep -q consoleURL "$data.consoles" && break; sleep 0.05; done
        pages=$(sed -n 's/.*"consoleURL":"\([^"]*\)".*/\1/p' "$data.consoles")
        page() { # [CURL OPTION...] PATH: as a browser asks
            curl -sS -b "$data.jar" -c "$data.jar" -H "Origin: $pages" -H 'Sec-Fetch-Site: same-origin' "${@:1:$#-1}" "$pages${*: -1}" >> "$data.pages"
        }
        ask_strangely() {
            for path in "/$word" "/tenants/$word/users" "/tenants/acme/users?search=$word&after=$word" "/tenants/acme/users/$word" \
                "/tenants/acme/why?user=$word&group=$word" "/tenants/acme/records/$word/$word" "/tenants/acme/sync/failures/$word" \
                "/tenants/acme/imports/$word" "/sign-in?to=/$word" "/sign-in/answer?code=$word&state=$word" \
                "/sign-in/answer?error=$word&error_description=$word&state=$word" "/sign-in/tenants/$word" "/link/$word"; do
                page "$path"
                page -X POST -d "secret=$word&number=$word&$word=$word" "$path"
            done
            page -H "Cookie: __Host-pharos=$word; $word=$word" /
            page -H "Origin: https://$word" -X POST -d "secret=$word" /sign-out
            for path in ask token/generate token/regenerate token/download "token/$word/retire" "token/$word/end" rehearse rehearse/sheet \
                "imports/$word/confirm"; do
                page -X POST -d "secret=$secret&number=$word&client=$word&id=$word&$word=$word" "/tenants/acme/$path"
                page -X POST -F "secret=$secret" -F "$word=$word" "/tenants/acme/$path"
            done
            printf 'userName,firstName\n%s,%s\n' "$word"6 "$word" > "$data.upload"
            page -F "secret=$secret" -F "number=$number" -F kind=users -F separator=comma -F "file=@$data.upload;filename=$word.csv" /tenants/acme/import
        }
        secret=$word number=$word
        ask_strangely
        link=$("$pharos" console link acme --data "$data" --role owner --json | sed -n 's/.*"path":"\([^"]*\)".*/\1/p')
        page -X POST "$link"
        : > "$data.pages"
        page /tenants/acme/import
        field() { grep -o 'name="'"$1"'" value="[^"]*"' "$data.pages" | sed 's/.*value="//; s/"//; q'; }
        secret=$(field secret) number=$(field number)
        [ -n "$secret" ] && [ -n "$number" ]
        ask_strangely
        kill $console; wait $console

        # Operators: commands and files
        printf 'userName,firstName,active\n%s,%s,%s\n%s,x,true\n' "$word"3 "$word" "$word" "$word"4 > "$data.csv"
        cli import users acme "$data.csv" --even-though-scim-is-connected || true
        printf '%s\nx\n' "$word" > "$data.csv"
        cli import users acme "$data.csv" --even-though-scim-is-connected || true
        for arguments in "tenant create $word!" "token revoke acme $word" "tenant show $word" "audit hash --tenant acme userName $word"; do
            cli $arguments || true
        done
        admin POST /console-links/redeem '{"secret":"'$word'","address":"203.0.113.7"}' > "$data.reply"
        admin POST "/tenants/$word/tokens" '{"'$word'":"'$word'"}' > "$data.reply"
        admin GET "/tenants/acme/activity" '' > "$data.activity"
        admin GET /metrics '' > "$data.metrics"
        stop
        trap - EXIT
        journalctl --namespace=scim --sync
        journalctl --namespace=scim -o export --all > "$data.journal"
        grep -q SCIM_EVENT=user.create "$data.journal"
        grep -q 'SCIM_FILTER_SHAPE=userName eq ?' "$data.journal"
        grep -q pharos_scim "$data.metrics"
        # Nor is it in answers that say what is wrong.
        grep -a '"status":' "$data.answers" > "$data.wrong"
        for place in journal err console metrics activity wrong; do
            if grep -ai "$word" "$data.$place"; then echo "found in $place"; else echo "none in $place"; fi
        done > "$data.found"
        """#
}
