import Testing

/// Waits until something is so that another thread brings about; it has ten seconds.
func eventually(_ condition: () -> Bool) async throws {
    for _ in 0..<2_000 where !condition() { try await Task.sleep(for: .milliseconds(5)) }
    #expect(condition())
}
