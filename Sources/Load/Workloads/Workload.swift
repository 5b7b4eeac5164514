/// A named mix of requests.
package enum Workload: String, Sendable, CaseIterable {
    case filter
    case read
    case patch
    case groupPatch = "group-patch"
    case create
    case page
    case oktaSync = "okta-sync"
    case entraSync = "entra-sync"
    case mixed

    /// What its requests do, as a sentence.
    package var meaning: String {
        switch self {
        case .filter: "Looks for random users by userName."
        case .read: "Reads random users by id."
        case .patch: "Replaces the title of random users."
        case .groupPatch: "Adds a user to a random group, then removes it again."
        case .create: "Creates users."
        case .page: "Reads random pages of 100 users by startIndex."
        case .oktaSync:
            "What Okta does for a new user: looks for it, creates, reads and replaces it, adds it to a group, deactivates it."
        case .entraSync:
            "What Entra does for a user: looks for it, creates, reads and changes it, adds it to a group and removes it, deactivates and deletes it."
        case .mixed:
            "Of 100 requests 60 filters, 20 reads, 5 pages, 10 changes of users, 4 of groups, 1 creation."
        }
    }

    /// Whether it sends anything but GET.
    package var changes: Bool {
        switch self {
        case .filter, .read, .page: false
        case .patch, .groupPatch, .create, .oktaSync, .entraSync, .mixed: true
        }
    }

    /// Whether it makes users that the preparation has not made.
    package var creates: Bool {
        switch self {
        case .create, .oktaSync, .entraSync, .mixed: true
        case .filter, .read, .page, .patch, .groupPatch: false
        }
    }

    /// Whether it needs the ids of the prepared users.
    var needsIDs: Bool {
        switch self {
        case .read, .patch, .groupPatch, .mixed: true
        case .filter, .page, .create, .oktaSync, .entraSync: false
        }
    }

    /// Whether it needs prepared users at all.
    var needsUsers: Bool {
        switch self {
        case .create, .oktaSync, .entraSync: false
        case .filter, .read, .page, .patch, .groupPatch, .mixed: true
        }
    }

    /// Whether it needs the prepared groups.
    package var needsGroups: Bool {
        switch self {
        case .groupPatch, .oktaSync, .entraSync, .mixed: true
        case .filter, .read, .page, .patch, .create: false
        }
    }
}

extension Workload {
    /// What the connection with this number sends, of so many.
    func script(
        _ writer: RequestWriter,
        _ population: Population,
        connection: Int,
        of connections: Int
    ) -> any LoadScript {
        switch self {
        case .filter: ReadScript(.lookUp, writer, population, seed: connection)
        case .read: ReadScript(.read, writer, population, seed: connection)
        case .page: ReadScript(.page, writer, population, seed: connection)
        case .patch: PatchScript(writer, population, seed: connection)
        case .groupPatch:
            GroupPatchScript(writer, population, connection: connection, of: connections)
        case .create: CreateScript(writer, population)
        case .oktaSync: SyncScript(.okta, writer, population, seed: connection)
        case .entraSync: SyncScript(.entra, writer, population, seed: connection)
        case .mixed: MixedScript(writer, population, connection: connection, of: connections)
        }
    }
}
