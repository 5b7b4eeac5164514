import CLinux

/// How much of the machine's processors the process may use.
package enum ProcessorShare {
    /// Of files that the kernel writes.
    private static let fileBytesMax = 16_384

    /// For how many threads there are processors, at least 1: those that the process may run on (sched_setaffinity(2)), or fewer if its
    /// control groups give it less time (`cpu.max`, cgroup v2), rounded up.
    package static var threadCount: Int {
        let allowed = Int(clinux_allowed_processors())
        let processors = allowed > 0 ? allowed : Host.processorCount
        return max(1, min(processors, quota(readFile: read) ?? processors))
    }

    /// How many processors' time the control groups of the process give it; nil if they leave it all.
    ///
    /// `readFile`: the text of a file; nil if it cannot be read. What cannot be read limits nothing.
    static func quota(readFile: (String) -> String?) -> Int? {
        guard let groups = readFile("/proc/self/cgroup") else { return nil }
        // The hierarchy of version 2 has number 0 and no controllers (cgroups(7)).
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else {
            return nil
        }
        var path = Substring(line.dropFirst("0::".count))
        var least: Int?
        while true {
            if path.hasSuffix("/") { path.removeLast() }
            if let text = readFile("/sys/fs/cgroup\(path)/cpu.max"), let count = processors(cpuMax: text) {
                least = min(least ?? count, count)
            }
            guard let slash = path.lastIndex(of: "/") else { return least }
            path = path[..<slash]
        }
    }

    /// What `cpu.max` says: `MAXIMUM PERIOD` in microseconds, or `max PERIOD`; nil for no limit.
    static func processors(cpuMax text: String) -> Int? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let time = Int(words[0]), let period = Int(words[1]), time > 0, period > 0
        else { return nil }
        return (time - 1) / period + 1
    }

    private static func read(_ path: String) -> String? {
        guard let found = try? Host.readFile(path, bytesMax: fileBytesMax) else { return nil }
        return String(decoding: found, as: UTF8.self)
    }
}
