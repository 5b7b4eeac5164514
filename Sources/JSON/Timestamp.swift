/// A point in time as I-JSON writes it: RFC 3339, UTC (RFC 7493 §4.3); in SCIM an xsd:dateTime (RFC 7643 §2.3.5).
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}
