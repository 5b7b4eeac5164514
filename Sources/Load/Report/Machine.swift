import Reactor

/// The machine that a load test runs on, since its figures say little without it.
package struct Machine: Sendable, Equatable {
    package let processor: String
    package let processorCount: Int
    package let memoryBytes: Int
    package let kernel: String
    package let system: String

    private static let fileBytesMax = 64 * 1024

    /// This machine, as Linux tells it; what it does not tell is empty or 0.
    package static var current: Machine {
        let memory = value("MemTotal", in: text("/proc/meminfo"), separator: ":").split(separator: " ").first
        return Machine(
            processor: value("model name", in: text("/proc/cpuinfo"), separator: ":"),
            processorCount: Host.processorCount,
            memoryBytes: (memory.flatMap { Int($0) } ?? 0) * 1_024,
            kernel: trimmed(text("/proc/sys/kernel/osrelease")[...]),
            system: value("PRETTY_NAME", in: text("/etc/os-release"), separator: "=").filter { $0 != "\"" }
        )
    }

    private static func text(_ path: String) -> String {
        let bytes = (try? Host.readFile(path, bytesMax: fileBytesMax)) ?? nil
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    private static func value(_ name: String, in text: String, separator: Character) -> String {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: separator, maxSplits: 1)
            if parts.count == 2, trimmed(parts[0]) == name { return trimmed(parts[1]) }
        }
        return ""
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
