import Foundation
import Testing

/// The real executable, serving on a free port of loopback with a data folder of its own.
final class ServerUnderTest {
    let data: URL
    let process: Process
    /// What it printed when it was ready to answer.
    let ready: [String: Any]
    private let output: URL
    private let errors: URL

    static let startSecondsMax = 20.0
    static let stopSecondsMax = 15.0

    /// Starts `pharos-scim COMMAND …` and waits until it is ready to answer.
    ///
    /// `softDescriptorLimit`: what `ulimit -Sn` says where it is started; nil for what the tests have. `clockOffsetSeconds`: how far
    /// its clock is moved.
    init(
        _ command: String,
        data: URL,
        _ arguments: [String],
        softDescriptorLimit: Int? = nil,
        clockOffsetSeconds: Int? = nil
    ) throws {
        self.data = data
        output = data.deletingLastPathComponent().appending(path: data.lastPathComponent + ".out")
        errors = data.deletingLastPathComponent().appending(path: data.lastPathComponent + ".err")
        // Those before it may have written much, which is not read again.
        let before = (try? FileHandle(forReadingFrom: output).seekToEnd()) ?? 0
        let command = [command, "--data", data.path, "--listen", "127.0.0.1:0", "--json"] + arguments
        let preparations = [
            softDescriptorLimit.map { "ulimit -Sn \($0)" },
            clockOffsetSeconds.map { "export PHAROS_CLOCK_OFFSET_SECONDS=\($0)" },
        ].compactMap(\.self)
        let shell =
            preparations.isEmpty
            ? nil : ["-c", (preparations + [#"exec "$0" "$@""#]).joined(separator: "; "), Program.pharos]
        process = try Program.start(
            shell == nil ? Program.pharos : "/bin/sh",
            (shell ?? []) + command,
            output: output,
            errors: errors
        )
        let deadline = Date(timeIntervalSinceNow: Self.startSecondsMax)
        while true {
            let file = try FileHandle(forReadingFrom: output)
            try file.seek(toOffset: before)
            let text = try file.readToEnd() ?? Data()
            if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                ready = JSON.object(String(decoding: text[..<end], as: UTF8.self))
                return
            }
            guard process.isRunning, Date() < deadline else {
                process.terminate()
                throw Failure("not ready: \((try? String(contentsOf: errors, encoding: .utf8)) ?? "")")
            }
            usleep(5_000)
        }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Runs `body` with a quickstart on a new data folder, and stops it afterwards.
    static func quickstart<R>(_ arguments: String..., body: (ServerUnderTest) throws -> R) throws -> R {
        try Scratch.use { folder in
            let server = try ServerUnderTest("quickstart", data: folder.appending(path: "data"), arguments)
            defer { server.stop() }
            return try body(server)
        }
    }

    /// A client with the token that the quickstart has printed.
    var client: Client {
        Client(
            url: ready["tenantURL"] as? String ?? "",
            token: ready["token"] as? String ?? "",
            caFile: ready["caFile"] as? String
        )
    }

    /// The audit entries that it has written to standard output or standard error, in their order.
    var auditEntries: [[String: Any]] {
        auditLines.map { JSON.object($0) }
    }

    /// The same as lines; one that a kill has cut off is left out.
    var auditLines: [String] {
        [output, errors].flatMap { file in
            ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }.filter { JSON.object($0)["SCIM_EVENT"] != nil }
    }

    /// What it has written for operators.
    var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// Runs an administrative command on its data folder.
    func run(_ arguments: String...) throws -> Finished {
        try Program.run(Program.pharos, arguments + ["--data", data.path, "--json"])
    }

    /// Sends SIGTERM and waits.
    ///
    /// - Returns: the exit status; nil if it did not end in time.
    @discardableResult
    func stop() -> Int32? {
        if process.isRunning { process.terminate() }
        let deadline = Date(timeIntervalSinceNow: Self.stopSecondsMax)
        while process.isRunning {
            guard Date() < deadline else { return nil }
            usleep(5_000)
        }
        return process.terminationReason == .exit ? process.terminationStatus : nil
    }

    /// Ends it without any warning.
    func kill9() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// Why a test cannot go on.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
