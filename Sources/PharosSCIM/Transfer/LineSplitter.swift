import Reactor

/// The lines of a file of JSON lines.
struct LineSplitter: ~Copyable {
    private let file: InputFile
    private var block: [UInt8] = []
    /// Where in the block the next line begins, or goes on.
    private var place = 0
    /// The number of the line that was read last, from 1.
    private(set) var number = 0

    /// Bytes of one line: a resource, or a thousand members.
    static let lineBytesMax = 256 * 1_024
    private static let blockBytes = 64 * 1_024

    init(path: String) throws(HostError) { file = try InputFile(path: path) }

    /// The next line without its end; nil after the last one.
    mutating func next() throws -> [UInt8]? {
        var line: [UInt8] = []
        var isThere = false
        var isWhole = false
        while !isWhole, try hasMore() {
            isThere = true
            let end = block[place...].firstIndex(of: UInt8(ascii: "\n"))
            line += block[place..<(end ?? block.count)]
            guard line.count <= Self.lineBytesMax else {
                throw CommandFailure(
                    .refused,
                    "Line \(number + 1) is longer than \(Self.lineBytesMax) bytes."
                )
            }
            isWhole = end != nil
            place = end.map { $0 + 1 } ?? block.count
        }
        guard isThere else { return nil }
        number += 1
        return line
    }

    /// Whether bytes are left; reads the next block when one is used up.
    private mutating func hasMore() throws(HostError) -> Bool {
        if place == block.count {
            block = try file.read(bytesMax: Self.blockBytes)
            place = 0
        }
        return !block.isEmpty
    }
}
