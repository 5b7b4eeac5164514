import Foundation
import TestSupport
import Testing

@Suite(
    "The state of the audit trail is told",
    .ownThreads,
    .enabled(if: Client.isPossible && Journal.isPossible, "no private journald can be started here")
)
struct TrailStateTests {
    @Test(
        "While journald is away it is behind, in /healthz, on the page and in systemctl status; then it is well again"
    )
    func behind() throws {
        try Scratch.use { folder in
            let manager = try FakeManager(folder.appending(path: "notify").path)
            let script = folder.appending(path: "scenario")
            try Self.scenario.write(to: script, atomically: true, encoding: .utf8)
            let data = folder.appending(path: "data").path
            let finished = try Program.run(
                Journal.script,
                [
                    "--namespace", "scim", "env", "NOTIFY_SOCKET=\(manager.path)", "bash", script.path,
                    Program.pharos, data,
                ]
            )
            #expect(finished.status == 0, "\(finished.errors)")
            func health(_ name: String) throws -> [String: Any] {
                JSON.object(try String(contentsOfFile: "\(data).\(name)", encoding: .utf8))
            }
            #expect(try health("well")["audit"] as? String == "ok")
            #expect(try health("away")["audit"] as? String == "behind")
            #expect(try health("away")["ready"] as? Bool == true)
            #expect(try health("back")["audit"] as? String == "ok")
            let page = try MetricsPage(String(contentsOfFile: "\(data).page", encoding: .utf8))
            #expect(page.value("pharos_scim_audit_state", ["state": "behind"]) == 1)
            #expect((page.value("pharos_scim_audit_outbox_age_seconds") ?? 0) > 2)
            #expect((page.value("pharos_scim_audit_outbox_records") ?? 0) >= 1)
            let told = manager.received().compactMap { message in
                message.split(separator: "\n").first { $0.hasPrefix("STATUS=Serving") }
            }
            let place = try #require(told.firstIndex { $0.hasSuffix("; audit trail behind") })
            #expect(told[place...].contains { !$0.contains("audit trail") })
        }
    }

    /// What systemd would receive.
    private final class FakeManager {
        let path: String
        private let descriptor: Int32

        init(_ path: String) throws {
            self.path = path
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0)
        }

        deinit { close(descriptor) }

        func received() -> [String] {
            var messages: [String] = []
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard count >= 0 else { return messages }
                messages.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
        }
    }

    private static let scenario = #"""
        set -eu
        pharos=$1 data=$2
        "$pharos" serve --data "$data" --listen 127.0.0.1:0 --http --json > "$data.out" 2> "$data.err" &
        server=$!
        trap 'kill $server 2>/dev/null; cat "$data.err" >&2' EXIT
        for _ in $(seq 400); do [ -s "$data.out" ] && break; sleep 0.02; done
        get() { curl -sS --unix-socket "$data/admin.sock" "http://localhost$1"; }
        becomes() {
            for _ in $(seq 300); do
                get /healthz > "$data.$1"
                grep -q "\"audit\":\"$2\"" "$data.$1" && return
                sleep 0.1
            done
            exit 3
        }
        "$pharos" tenant create acme --data "$data" > "$data.cli"
        becomes well ok
        touch "$WITH_JOURNAL_FOLDER/hold"
        kill "$(cat "$WITH_JOURNAL_FOLDER/pid")"
        sleep 0.2
        "$pharos" tenant enable-scim acme --data "$data" > "$data.cli"
        becomes away behind
        get /metrics > "$data.page"
        rm "$WITH_JOURNAL_FOLDER/hold"
        becomes back ok
        sleep 1.5
        kill -TERM $server
        wait $server
        trap - EXIT
        """#
}
