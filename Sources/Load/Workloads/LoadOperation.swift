/// What one request of a workload does; figures are told for each.
package enum LoadOperation: String, Sendable, CaseIterable {
    case lookUp = "look-up"
    case read
    case page
    case create
    case replace
    case patch
    case addMember = "add-member"
    case removeMember = "remove-member"
    case deactivate
    case delete

    /// Its place in tables of figures.
    var index: Int {
        switch self {
        case .lookUp: 0
        case .read: 1
        case .page: 2
        case .create: 3
        case .replace: 4
        case .patch: 5
        case .addMember: 6
        case .removeMember: 7
        case .deactivate: 8
        case .delete: 9
        }
    }
}
