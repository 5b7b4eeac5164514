import Foundation
import Testing

@Suite(
    "The journal",
    .ownThreads,
    .enabled(if: Client.isPossible && Journal.isPossible, "no private journald can be started here")
)
struct JournalTests {
    @Test(
        "Audit G1, G2: one entry for each change, with its documented fields, also for those made while journald was away"
    )
    func onePerChange() throws {
        try Scratch.use { folder in
            let script = folder.appending(path: "scenario")
            try Self.scenario.write(to: script, atomically: true, encoding: .utf8)
            let data = folder.appending(path: "data").path
            let finished = try Program.run(
                Journal.script,
                ["--namespace", "scim", "bash", script.path, Program.pharos, data]
            )
            #expect(finished.status == 0, "\(finished.errors)")
            let verified = JSON.object(try String(contentsOfFile: data + ".verified", encoding: .utf8))
            #expect(verified["outcome"] as? String == "intact")
            #expect(verified["checkpoints"] as? Int ?? 0 > 0)
            #expect((verified["notes"] as? [String])?.contains { $0.contains("not there") } == false)
            let shown = try String(contentsOfFile: data + ".shown", encoding: .utf8).split(separator: "\n")
            #expect(shown.count == 6)
            #expect(shown.first?.contains("acme  The client “curl/") == true)
            #expect(shown.first?.contains("created user") == true)
            #expect(shown.last?.contains("changed the members of group") == true)
            let entries = try String(contentsOfFile: data + ".journal", encoding: .utf8)
                .split(separator: "\n").map { JSON.object(String($0)) }
            let numbers = entries.map { "\($0["SCIM_STREAM"] ?? "") \($0["SCIM_SEQ"] ?? "")" }
            #expect(Set(numbers).count == numbers.count, "a record came twice")

            let acme = entries.filter { $0["SCIM_STREAM"] as? String == "acme" }
            let events = acme.sorted { number($0) < number($1) }.map { $0["SCIM_EVENT"] as? String }
            #expect(
                events == [
                    "tenant.create", "tenant.resume", "token.issue", "user.create", "user.deactivate",
                    "user.activate", "group.create", "group.members", "user.delete",
                    "group.members",
                ]
            )
            let created = try #require(acme.first { $0["SCIM_EVENT"] as? String == "user.create" })
            #expect(created["MESSAGE_ID"] as? String == "bf280c0e63aa40fc9d810b792cf7169f")
            #expect(created["PRIORITY"] as? String == "5")
            for field in Self.documented { #expect(created[field] != nil, "\(field) is missing") }
            let undocumented = created.keys.filter { $0.hasPrefix("SCIM_") && !Self.documented.contains($0) }
            #expect(Set(undocumented).isSubset(of: Self.optional), "\(undocumented)")
        }
    }

    private func number(_ entry: [String: Any]) -> Int {
        (entry["SCIM_SEQ"] as? String).flatMap(Int.init) ?? 0
    }

    /// What the entry of a created user always has.
    private static let documented: Set = [
        "SCIM_SCHEMA", "SCIM_PREV", "SCIM_HASH", "SCIM_EVENT", "SCIM_OUTCOME", "SCIM_TENANT", "SCIM_STORE",
        "SCIM_STREAM", "SCIM_SEQ",
        "SCIM_TIME", "SCIM_ACTOR_TYPE", "SCIM_CREDENTIAL_ID", "SCIM_IP", "SCIM_USER_AGENT", "SCIM_REQUEST_ID",
        "SCIM_METHOD", "SCIM_STATUS", "SCIM_TARGET_TYPE", "SCIM_TARGET_ID", "SCIM_VERSION_NEW",
    ]
    private static let optional: Set = ["SCIM_ACTOR_ID", "SCIM_ATTR", "SCIM_ATTR_MORE"]

    /// Changes before, during and after an absence of journald.
    private static let scenario = #"""
        set -eu
        pharos=$1 data=$2
        "$pharos" serve --data "$data" --listen 127.0.0.1:0 --http --json > "$data.out" 2> "$data.err" &
        server=$!
        trap 'kill $server 2>/dev/null; cat "$data.err" >&2' EXIT
        for _ in $(seq 400); do [ -s "$data.out" ] && break; sleep 0.02; done
        "$pharos" tenant create acme --data "$data" > "$data.cli"
        "$pharos" tenant enable-scim acme --data "$data" > "$data.cli"
        issued=$("$pharos" token generate acme --data "$data" --json)
        field() { sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }
        url=$(echo "$issued" | field tenantURL | sed 's|\\/|/|g') token=$(echo "$issued" | field token)
        ask() {
            curl -sS -f -X "$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/scim+json' \
                ${3:+--data-binary "$3"} "$url$2"
        }
        set_active() {
            ask PATCH "/Users/$id" '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations":[{"op":"replace","value":{"active":'"$1"'}}]}' > "$data.reply"
        }
        ask POST /Users '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen","active":true}' \
            > "$data.reply"
        id=$(grep -o '"id":"[^"]*"' "$data.reply" | head -1 | cut -d'"' -f4)

        touch "$WITH_JOURNAL_FOLDER/hold"
        kill "$(cat "$WITH_JOURNAL_FOLDER/pid")"
        sleep 0.2
        set_active false
        set_active true
        rm "$WITH_JOURNAL_FOLDER/hold"

        ask POST /Groups '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Staff"}' > "$data.reply"
        group=$(grep -o '"id":"[^"]*"' "$data.reply" | head -1 | cut -d'"' -f4)
        ask PATCH "/Groups/$group" '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[{"op":"add","path":"members","value":[{"value":"'"$id"'"}]}]}' > "$data.reply"
        ask DELETE "/Users/$id" > "$data.reply"
        for _ in $(seq 200); do
            journalctl --namespace=scim SCIM_STREAM=acme SCIM_SEQ=9 -o json 2>/dev/null | grep -q SCIM_SEQ && break
            sleep 0.05
        done
        kill -TERM $server
        wait $server
        trap - EXIT
        journalctl --namespace=scim --sync
        journalctl --namespace=scim SYSLOG_IDENTIFIER=scim-audit -o json > "$data.journal"
        "$pharos" audit verify --data "$data" --whole --json > "$data.verified"
        "$pharos" audit show --tenant acme --user "$id" > "$data.shown"
        """#
}

/// A journald of its own for a command.
enum Journal {
    static let script = Program.root.appending(path: "scripts/with-journal").path

    static let isPossible: Bool = {
        guard let finished = try? Program.run(script, ["true"]) else { return false }
        if finished.status != 0 { print("journal tests are skipped: \(finished.errors)") }
        return finished.status == 0
    }()
}
