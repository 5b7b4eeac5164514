import Foundation
import Testing

@Suite("The operational log", .ownThreads, .enabled(if: Client.isPossible, "curl is not installed"))
struct LogTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test(
        "Its level is a setting: at debug it has a line for each answer, with the id that the client got and the trace's, and no value of the target"
    )
    func levels() throws {
        try Scratch.use { folder in
            for level in ["info", "debug"] {
                let data = folder.appending(path: level)
                let serving = try ServingServer(
                    data: data,
                    ["--http", "--audit-output", "stdout", "--log-level", level]
                )
                defer { serving.server.stop() }
                var client = try serving.newTenant("acme")
                client.headers["traceparent"] = "00-\(Self.trace)-b7ad6b7169203331-01"
                let reply = try client.get("/Users?filter=userName%20eq%20%22ann%22")
                let id = try #require(reply.field("Request-Id"))
                let lines = serving.server.log.split(separator: "\n").filter {
                    $0.contains("request answered")
                }
                guard level == "debug" else {
                    #expect(lines.isEmpty && serving.server.log.contains("serving"))
                    continue
                }
                let line = try #require(lines.first { $0.contains(id) })
                #expect(
                    line.hasSuffix(
                        "method=GET request=\(id) route=Users status=200 tenant=acme trace=\(Self.trace)"
                    )
                )
                #expect(!line.contains("ann"))
            }
            let refused = try Program.run(
                Program.pharos,
                ["serve", "--data", folder.path, "--http", "--log-level", "loud"]
            )
            #expect(refused.status == 64 && refused.errors.contains("debug, info, notice"))
        }
    }

    @Test(
        "In the journal a line has its priority, and its details as fields: a request's id finds its lines and its audit record",
        .enabled(if: Journal.isPossible, "no private journald can be started here")
    )
    func journal() throws {
        try Scratch.use { folder in
            let script = folder.appending(path: "scenario")
            try Self.scenario.write(to: script, atomically: true, encoding: .utf8)
            let data = folder.appending(path: "data").path
            let finished = try Program.run(
                Journal.script,
                ["--namespace", "scim", "bash", script.path, Program.pharos, data]
            )
            #expect(finished.status == 0, "\(finished.errors)")
            func entries(_ name: String) throws -> [[String: Any]] {
                try String(contentsOfFile: "\(data).\(name)", encoding: .utf8).split(separator: "\n")
                    .map { JSON.object(String($0)) }
            }
            let lines = try entries("lines")
            let serving = try #require(
                lines.first { ($0["MESSAGE"] as? String)?.hasPrefix("serving ") == true }
            )
            #expect(serving["PRIORITY"] as? String == "5")
            #expect((serving["SCIM_LOG_ADMIN"] as? String)?.hasSuffix("admin.sock") == true)
            let found = try entries("found")
            #expect(
                found.map { $0["SYSLOG_IDENTIFIER"] as? String ?? "" }.sorted() == [
                    "pharos-scim", "scim-audit",
                ]
            )
            let answered = try #require(found.first { $0["SYSLOG_IDENTIFIER"] as? String == "pharos-scim" })
            #expect(answered["PRIORITY"] as? String == "7")
            #expect(answered["SCIM_TRACE_ID"] as? String == Self.trace)
            #expect(answered["SCIM_LOG_ROUTE"] as? String == "Users")
            // Nothing went to standard error beside.
            #expect(try String(contentsOfFile: "\(data).err", encoding: .utf8).isEmpty)
        }
    }

    private static let scenario = #"""
        set -eu
        pharos=$1 data=$2
        : > "$data.err"
        export JOURNAL_STREAM=$(stat -c %d:%i "$data.err")
        "$pharos" serve --data "$data" --listen 127.0.0.1:0 --http --json --log-level debug > "$data.out" 2> "$data.err" &
        server=$!
        unset JOURNAL_STREAM
        trap 'kill $server 2>/dev/null; cat "$data.err" >&2' EXIT
        for _ in $(seq 400); do [ -s "$data.out" ] && break; sleep 0.02; done
        "$pharos" tenant create acme --data "$data" > "$data.cli"
        "$pharos" tenant enable-scim acme --data "$data" > "$data.cli"
        issued=$("$pharos" token generate acme --data "$data" --json)
        field() { sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
        url=$(echo "$issued" | field tenantURL | sed 's|\\/|/|g') token=$(echo "$issued" | field token)
        id=$(curl -sS -D - -o "$data.reply" -X POST -H "Authorization: Bearer $token" \
            -H 'Content-Type: application/scim+json' \
            -H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' --data-binary \
            '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen"}' "$url/Users" \
            | tr -d '\r' | sed -n 's/^[Rr]equest-[Ii]d: //p')
        for _ in $(seq 200); do
            journalctl --namespace=scim SCIM_REQUEST_ID="$id" SCIM_EVENT=user.create -o json 2>/dev/null \
                | grep -q SCIM_SEQ && break
            sleep 0.05
        done
        kill -TERM $server
        wait $server
        trap - EXIT
        journalctl --namespace=scim --sync
        journalctl --namespace=scim SYSLOG_IDENTIFIER=pharos-scim -o json > "$data.lines"
        journalctl --namespace=scim SCIM_REQUEST_ID="$id" -o json > "$data.found"
        """#
}
