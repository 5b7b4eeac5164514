import Reactor

/// A file to import, which is read more than once: as it is, or a copy of what comes on standard input.
struct ImportedFile: ~Copyable {
    /// Where to read it.
    let path: String
    private let copy: SpooledInput?

    /// Bytes that are taken from standard input.
    static let inputBytesMax = 16 << 30

    /// `argument`: a path, or `-` for standard input.
    init(_ argument: String) throws {
        guard argument == "-" else {
            path = argument
            copy = nil
            return
        }
        let spooled = try SpooledInput(bytesMax: Self.inputBytesMax)
        path = spooled.path
        copy = consume spooled
    }
}
