import Synchronization

// A run's nodes and versions lie in its arena, as raw addresses, so that a reader counts no reference. All
// that readers follow is
// stored with release and loaded with acquire; what lies behind a published address is never changed again,
// but for the links and the
// newest version.

/// A key of a run: its newest version, and its links to the next keys.
///
///     newest version 8 ‖ next of the same slot 8 ‖ key length 4 ‖ height 4 ‖ links, 8 each ‖ key
@unsafe
struct RunNode {
    let address: UnsafeMutableRawPointer

    private static let linksOffset = 24

    static func byteCount(keyBytes: Int, height: Int) -> Int { unsafe linksOffset + 8 * height + keyBytes }

    init(_ address: UnsafeMutableRawPointer) { unsafe self.address = address }

    init?(word: UInt) {
        guard let address = unsafe UnsafeMutableRawPointer(bitPattern: word) else { return nil }
        unsafe self.address = address
    }

    /// Writes a node that nobody sees yet.
    func initialize(key: UnsafeBufferPointer<UInt8>, height: Int) {
        unsafe address.initializeMemory(as: UInt64.self, repeating: 0, count: 3 + height)
        unsafe address.storeBytes(of: UInt32(key.count), toByteOffset: 16, as: UInt32.self)
        unsafe address.storeBytes(of: UInt32(height), toByteOffset: 20, as: UInt32.self)
        guard let source = key.baseAddress else { return }
        unsafe address.advanced(by: Self.linksOffset + 8 * height).copyMemory(
            from: source,
            byteCount: key.count
        )
    }

    var word: UInt { unsafe UInt(bitPattern: address) }

    var height: Int { unsafe Int(address.load(fromByteOffset: 20, as: UInt32.self)) }

    /// The key; it lives as long as the run.
    var key: UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(
            start: address.advanced(by: Self.linksOffset + 8 * height).assumingMemoryBound(to: UInt8.self),
            count: Int(address.load(fromByteOffset: 16, as: UInt32.self))
        )
    }

    var newest: UnsafeMutablePointer<Atomic<UInt>> { unsafe atomic(0) }
    var nextInSlot: UnsafeMutablePointer<Atomic<UInt>> { unsafe atomic(8) }

    /// The link of a level below ``height``.
    func link(_ level: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe atomic(Self.linksOffset + 8 * level)
    }

    func next(_ level: Int) -> RunNode? {
        unsafe RunNode(word: link(level).pointee.load(ordering: .acquiring))
    }

    private func atomic(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        unsafe address.advanced(by: offset).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    /// The newest version whose number is not above this one; nil if there is none.
    func version(upTo number: UInt64) -> RunVersion? {
        var version = unsafe RunVersion(word: newest.pointee.load(ordering: .acquiring))
        while let found = unsafe version, unsafe found.number > number {
            unsafe version = unsafe found.previous
        }
        return unsafe version
    }
}

/// A row of a run as one batch left it.
///
///     number of the batch 8 ‖ version before 8 ‖ length 8, or -1 for a row that is deleted ‖ row as it is
///     stored
@unsafe
struct RunVersion {
    let address: UnsafeMutableRawPointer

    private static let headerBytes = 24

    static func byteCount(storedBytes: Int) -> Int { unsafe headerBytes + storedBytes }

    init(_ address: UnsafeMutableRawPointer) { unsafe self.address = address }

    init?(word: UInt) {
        guard let address = unsafe UnsafeMutableRawPointer(bitPattern: word) else { return nil }
        unsafe self.address = address
    }

    /// Writes the header of a version that nobody sees yet; its row is for the caller to write.
    func initialize(number: UInt64, previous: UInt, storedBytes: Int?) {
        unsafe address.storeBytes(of: number, toByteOffset: 0, as: UInt64.self)
        unsafe address.storeBytes(of: previous, toByteOffset: 8, as: UInt.self)
        unsafe address.storeBytes(of: storedBytes ?? -1, toByteOffset: 16, as: Int.self)
    }

    var word: UInt { unsafe UInt(bitPattern: address) }
    var number: UInt64 { unsafe address.load(fromByteOffset: 0, as: UInt64.self) }
    var previousWord: UInt { unsafe address.load(fromByteOffset: 8, as: UInt.self) }
    var previous: RunVersion? { unsafe RunVersion(word: previousWord) }
    var isDeleted: Bool { unsafe address.load(fromByteOffset: 16, as: Int.self) < 0 }

    /// The row as it is stored, empty for one that is deleted; it lives as long as the run.
    var stored: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: address.advanced(by: Self.headerBytes),
            count: max(0, address.load(fromByteOffset: 16, as: Int.self))
        )
    }

    /// The same as bytes.
    var bytes: UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(stored.assumingMemoryBound(to: UInt8.self))
    }
}
