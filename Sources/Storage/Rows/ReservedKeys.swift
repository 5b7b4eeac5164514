/// The first bytes of the keys that belong to the store itself; its users begin theirs at ``userFirstByteMin``.
package enum ReservedKeys {
    package static let userFirstByteMin: UInt8 = 0x10

    static let store: UInt8 = 0x00
    static let logRow: UInt8 = 0x01
    static let streamHead: UInt8 = 0x02
    static let edge: UInt8 = 0x04
    static let twin: UInt8 = 0x05

    package static let info = Key([store, 0x01])
    package static let state = Key([store, 0x02])
    /// The first version of the program that reads the store's format, as a text; it may be missing in format 1.
    static let reader = Key([store, 0x03])

    /// How much of an engine's own log its rows have; no engine's snapshots tell more of it.
    package static let logPosition = Key([store, 0x04])

    /// Whether a user of the seam may write a key or the keys under a prefix.
    static func isUserKey(_ key: Key) -> Bool {
        key.bytes.first.map { $0 >= userFirstByteMin } ?? false
    }
}
