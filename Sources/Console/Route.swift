import HTTP

/// A page or an action: where it is, who may, and what makes the answer.
struct Route: Sendable {
    enum Access: Sendable {
        case anyone
        /// Whoever is signed in for the tenant in the path, or for everything where there is none.
        case reader
        case administrator
        case owner
        case operatorOnly
    }

    let method: Method
    /// Segments; one that begins with a colon matches any and names it.
    let pattern: [String]
    let access: Access
    /// Whether a person asks for it, and not a page that follows along: only then a session is in use.
    let isAsked: Bool
    let bodyBytesMax: Int
    let handle: @Sendable (Exchange) async throws(ConsoleFault) -> Response

    init(
        _ method: Method,
        _ pattern: String,
        _ access: Access,
        isAsked: Bool = true,
        bodyBytesMax: Int = ConsoleHandler.formBytesMax,
        _ handle: @escaping @Sendable (Exchange) async throws(ConsoleFault) -> Response
    ) {
        self.method = method
        self.pattern = pattern.split(separator: "/").map(String.init)
        self.access = access
        self.isAsked = isAsked
        self.bodyBytesMax = bodyBytesMax
        self.handle = handle
    }

    /// What the pattern's names stand for in a path; nil if it does not match.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(pattern, path) {
            if part.first == ":" {
                parameters[String(part.dropFirst())] = segment
            } else if part != segment {
                return nil
            }
        }
        return parameters
    }

    /// Every page and every action of the console.
    static let all: [Route] = [
        Route(.get, "/", .reader, HomePage.redirect),
        Route(.get, "/sign-in", .anyone, SignInPage.show),
        Route(.get, "/sign-in/operators", .anyone, ProviderSignInPage.begin),
        Route(.get, "/sign-in/tenants/:tenant", .anyone, ProviderSignInPage.begin),
        Route(.get, "/sign-in/answer", .anyone, ProviderSignInPage.finish),
        Route(.get, "/link/:secret", .anyone, LinkPage.show),
        Route(.post, "/link/:secret", .anyone, LinkPage.redeem),
        Route(.post, "/sign-out", .reader, SignInPage.signOut),
        Route(.get, "/tenants", .operatorOnly, TenantsPage.show),
        Route(.get, "/tenants/:tenant/secure/advanced", .reader, SyncPage.showSecure),
        Route(.get, "/tenants/:tenant/direct/settings", .reader, SyncPage.showDirect),
        Route(.get, "/tenants/:tenant/sync", .reader, ContactPage.show),
        Route(.get, "/tenants/:tenant/sync/events", .reader, isAsked: false, ContactPage.events),
        Route(.get, "/tenants/:tenant/rehearse", .reader, RehearsePage.show),
        Route(.post, "/tenants/:tenant/rehearse", .reader, RehearsePage.play),
        Route(.post, "/tenants/:tenant/rehearse/sheet", .reader, RehearsePage.save),
        Route(.get, "/tenants/:tenant/sync/failures/:request", .reader, FailureFile.download),
        Route(.get, "/tenants/:tenant/why", .reader, WhyPage.show),
        Route(.get, "/tenants/:tenant/users", .reader, UsersPage.show),
        Route(.get, "/tenants/:tenant/users/:id", .reader, UserPage.show),
        Route(.get, "/tenants/:tenant/groups", .reader, GroupsPage.show),
        Route(.get, "/tenants/:tenant/groups/:id", .reader, GroupPage.show),
        Route(.get, "/tenants/:tenant/records/:id/:place", .reader, RecordPage.show),
        Route(.get, "/tenants/:tenant/import", .administrator, ImportsPage.show),
        Route(
            .post,
            "/tenants/:tenant/import",
            .administrator,
            bodyBytesMax: ConsoleHandler.bodyBytesMax,
            ImportsPage.upload
        ),
        Route(.get, "/tenants/:tenant/imports/:id", .administrator, ImportPage.show),
        Route(.get, "/tenants/:tenant/imports/:id/events", .administrator, isAsked: false, ImportPage.events),
        Route(.get, "/tenants/:tenant/imports/:id/refused", .administrator, ImportPage.download),
        Route(.post, "/tenants/:tenant/imports/:id/confirm", .administrator, ImportPage.confirm),
        Route(.post, "/tenants/:tenant/imports/:id/discard", .administrator, ImportPage.discard),
        Route(.post, "/tenants/:tenant/ask", .administrator, SyncPage.ask),
        Route(.post, "/tenants/:tenant/token/generate", .owner, CredentialsPage.generate),
        Route(.get, "/tenants/:tenant/token/regenerate", .owner, RegeneratePage.show),
        Route(.post, "/tenants/:tenant/token/regenerate", .owner, CredentialsPage.regenerate),
        Route(.post, "/tenants/:tenant/token/download", .owner, CredentialsPage.download),
        Route(.post, "/tenants/:tenant/token/:id/retire", .owner, SyncPage.retire),
        Route(.get, "/tenants/:tenant/token/:id/end", .owner, EndTokenPage.show),
        Route(.post, "/tenants/:tenant/token/:id/end", .owner, EndTokenPage.end),
    ]
}
