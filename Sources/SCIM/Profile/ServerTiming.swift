/// Whether answers to a tenant's queries tell how they were found, in the field `Server-Timing` (W3C Server Timing §2).
package enum ServerTiming: String, Sendable, CaseIterable {
    case off, on
}
