import Tenancy

/// Lets one after the other have its turn.
actor Turn {
    /// Who may wait; more are refused as busy.
    static let waitersMax = 256

    private var isTaken = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// Runs a body while no other runs.
    ///
    /// - Throws: ``DirectoryError/busy`` if ``waitersMax`` wait already.
    func exclusively<R: Sendable>(
        _ body: @Sendable () async throws(DirectoryError) -> R
    ) async throws(DirectoryError) -> R {
        if isTaken {
            guard waiters.count < Self.waitersMax else { throw .busy }
            // The turn is handed over, so that it is never free in between.
            await withCheckedContinuation { waiters.append($0) }
        }
        isTaken = true
        defer { if waiters.isEmpty { isTaken = false } else { waiters.removeFirst().resume() } }
        return try await body()
    }
}
