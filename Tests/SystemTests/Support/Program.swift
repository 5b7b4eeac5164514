import Foundation
import Locking

/// What a program did that has ended.
struct Finished {
    let status: Int32
    let output: String
    let errors: String

    /// The last line of the output as JSON.
    var json: [String: Any] { output.split(separator: "\n").last.map { JSON.object(String($0)) } ?? [:] }
}

/// Programs of this machine, and the one under test.
enum Program {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The executable that the build has put beside the tests; PHAROS_SCIM names another one.
    static let pharos =
        ProcessInfo.processInfo.environment["PHAROS_SCIM"]
        ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "pharos-scim").path

    /// Whether a program is on the path.
    static func exists(_ name: String) -> Bool {
        (try? run("/usr/bin/env", ["which", name]).status == 0) ?? false
    }

    /// Starts a program; its output goes to files, so that it never waits for a reader.
    static func start(
        _ path: String,
        _ arguments: [String],
        output: URL,
        errors: URL,
        environment: [String: String] = [:]
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(settings) { $1 }
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try handle(output)
        process.standardError = try handle(errors)
        try run(process)
        return process
    }

    /// What an installation on this machine is told does not count.
    private static let settings = [
        "PHAROS_SCIM_CONFIG": "/dev/null", "PHAROS_SCIM_CONSOLE_CONFIG": "/dev/null",
    ]

    /// One start at a time: Foundation sees a process end by a socket that others started meanwhile would inherit.
    private static let starting = Locked(())

    /// Starts a process that can be sent signals: those that this thread holds back are not inherited.
    static func run(_ process: Process) throws {
        var none = sigset_t()
        var mask = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
        try starting.withLock { _ in try process.run() }
    }

    /// Runs a program to its end.
    static func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> Finished {
        try Scratch.use { folder in
            let output = folder.appending(path: "out")
            let errors = folder.appending(path: "err")
            let process = try start(path, arguments, output: output, errors: errors, environment: environment)
            process.waitUntilExit()
            return Finished(
                status: process.terminationStatus,
                output: try String(contentsOf: output, encoding: .utf8),
                errors: try String(contentsOf: errors, encoding: .utf8)
            )
        }
    }

    /// Appends, so that a program that is started again goes on in the same file.
    private static func handle(_ file: URL) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: file.path) {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        return handle
    }
}

/// What commands end with, beside 0.
enum ExitStatus {
    static let failed: Int32 = 1
    static let notThere: Int32 = 4
    static let exists: Int32 = 5
    static let refused: Int32 = 6
    static let unreachable: Int32 = 7
}

/// Temporary folders, with short names because socket paths are short.
enum Scratch {
    static func make() throws -> URL {
        let folder = URL(filePath: "/tmp/pharos-\(UInt64.random(in: .min ... .max).description.prefix(12))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func use<R>(_ body: (URL) throws -> R) throws -> R {
        let folder = try make()
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}

/// JSON without types, which is all that these tests need.
enum JSON {
    static func object(_ text: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    static func text(_ object: Any) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }
}
