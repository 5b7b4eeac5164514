import Reactor

/// A file to import, which is read more than once: as it is, or a copy of what comes on standard input.
struct ImportedFile {
    /// Where to read it, within ``reading(_:)``.
    private let path: String
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
        copy = spooled
    }

    /// Lends the path, at which the file is there until the body has ended.
    func reading<R>(_ body: (String) throws -> R) rethrows -> R {
        defer { withExtendedLifetime(copy) {} }
        return try body(path)
    }

    /// Lends the path in the same way.
    func reading<R>(_ body: (String) async throws -> R) async rethrows -> R {
        defer { withExtendedLifetime(copy) {} }
        return try await body(path)
    }
}
