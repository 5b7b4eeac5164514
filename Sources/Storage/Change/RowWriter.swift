/// What an engine lends to ``ChangesetApplier`` inside its write transaction.
///
/// Reads see the transaction's own writes. Whoever gets an error other than a conflict out of the applier drops
/// the transaction.
package protocol RowWriter: VersionedRows, ~Copyable {
    /// Reads the row of a key; nil if there is none.
    func read<R>(_ key: Key, _ body: (Span<UInt8>, CommitVersion) -> R) throws(StoreError) -> R?

    /// Writes a row.
    mutating func put(_ key: Key, _ value: Span<UInt8>, version: CommitVersion) throws(StoreError)

    /// Deletes a row; false if there was none.
    @discardableResult
    mutating func delete(_ key: Key) throws(StoreError) -> Bool
}

extension RowWriter where Self: ~Copyable {
    package func version(of key: Key) throws(StoreError) -> CommitVersion? {
        try read(key) { _, version in version }
    }
}
