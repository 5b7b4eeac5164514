import Reactor

/// The bytes of a file in blocks, shown one by one.
struct FileBytes: ~Copyable {
    private let file: InputFile
    private var block: [UInt8] = []
    private var index = 0

    private static let blockBytes = 64 * 1_024

    init(path: String) throws(HostError) { file = try InputFile(path: path) }

    /// The next byte; nil at the end.
    mutating func next() throws(HostError) -> UInt8? {
        if index == block.count {
            block = try file.read(bytesMax: Self.blockBytes)
            index = 0
            guard !block.isEmpty else { return nil }
        }
        defer { index += 1 }
        return block[index]
    }
}

/// The lines of a file of JSON lines.
struct LineSplitter: ~Copyable {
    private var bytes: FileBytes
    /// The number of the line that was read last, from 1.
    private(set) var number = 0

    /// Bytes of one line: a resource, or a thousand members.
    static let lineBytesMax = 256 * 1_024

    init(path: String) throws(HostError) { bytes = try FileBytes(path: path) }

    /// The next line without its end; nil after the last one.
    mutating func next() throws -> [UInt8]? {
        var line: [UInt8] = []
        var isThere = false
        while let byte = try bytes.next() {
            isThere = true
            if byte == UInt8(ascii: "\n") { break }
            line.append(byte)
            guard line.count <= Self.lineBytesMax else {
                throw CommandFailure(
                    .refused,
                    "Line \(number + 1) is longer than \(Self.lineBytesMax) bytes."
                )
            }
        }
        guard isThere else { return nil }
        number += 1
        return line
    }
}
