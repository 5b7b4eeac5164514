/// Which reads of a tenant's clients the audit trail records.
package enum AuditReads: String, Sendable, CaseIterable {
    case none
    /// Queries whose filter names a personal attribute, and so somebody.
    case sensitive
    case all
}

/// Of how many reads one is recorded.
package enum ReadSample: String, Sendable, CaseIterable {
    case all = "1"
    case tenth = "10"
    case hundredth = "100"
    case thousandth = "1000"

    package var rate: UInt64 { UInt64(rawValue) ?? 1 }
}
