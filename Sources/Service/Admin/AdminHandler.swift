import Audit
import Directory
import HTTP
import JSON
import Locking
import Logging
import Notes
import SCIM
import Storage
import Tenancy

/// The administration interface behind the Unix socket: HTTP with JSON, for the command line.
///
/// Who may connect is decided by the socket's file mode and, on that of the operators, by the credentials of the process behind it.
package struct AdminHandler: RequestHandler {
    /// Whose socket is answered.
    private enum Entrance: Sendable {
        /// These users may ask for everything.
        case operators(Set<UInt32>)
        /// Whoever can open the socket's file may ask for ``ConsoleCommands``.
        ///
        /// In a user namespace, as the unit has one, the console's user is like any other that is not the server's own.
        case console
    }

    let administration: Administration
    /// Where imports and exports find the resources.
    let directory: ResourceDirectory
    let notes: Notebook
    /// What the server offers, for its description.
    let features: ServiceProviderFeatures
    let consoleLinks: ConsoleLinks
    let rehearsals: Rehearsals
    let rehearsalTurns = Turns.ofRehearsals()
    /// Answers what operators read of a tenant's resources; nil where no console asks.
    let pipeline: RequestPipeline?
    /// Where the stories of resources are read.
    let trail: AuditTrail
    let storyTurns = Turns.ofStories()
    /// Scheme and authority of the Tenant URLs, without a slash at the end.
    private let publicURL: String
    private var entrance: Entrance
    private let userName: @Sendable (UInt32) -> String
    let control: ServerControl
    package let backups: Backups
    private let log: Logger

    /// Takes what the handler works with.
    ///
    /// `allowedUsers` may administer: root and the server's own user, as a rule. `journal`: where audit records were
    /// delivered to, if they can be read there.
    package init(
        administration: Administration,
        directory: ResourceDirectory,
        notes: Notebook,
        features: ServiceProviderFeatures,
        publicURL: String,
        allowedUsers: Set<UInt32>,
        userName: @escaping @Sendable (UInt32) -> String,
        control: ServerControl,
        pipeline: RequestPipeline? = nil,
        journal: (any AuditJournal)? = nil,
        log: Logger
    ) {
        self.administration = administration
        self.directory = directory
        self.notes = notes
        self.features = features
        consoleLinks = ConsoleLinks(environment: directory.environment)
        rehearsals = Rehearsals(directory, features: features, publicURL: publicURL)
        self.pipeline = pipeline
        trail = AuditTrail(store: directory.store, journal: journal)
        self.publicURL = publicURL
        entrance = .operators(allowedUsers)
        self.userName = userName
        self.control = control
        backups = Backups(administration, begin: control.beginBackup)
        self.log = log
    }

    /// The same interface behind the console's own socket, as far as a console may use it.
    package var forConsole: AdminHandler {
        var handler = self
        handler.entrance = .console
        return handler
    }

    package func handle(_ request: Request) -> Outcome {
        if let refusal = refusal(of: request) { return .ready(refusal) }
        // A console does not get here: its commands are listed.
        if let page = control.pages.answer(request) { return page }
        let actor = actor(of: request)
        return .pending {
            let response = await self.respond(to: request, actor)
            guard let confirmation = control.confirmation, request.method != .get, response.status.code < 400,
                await !confirmation()
            else { return response }
            return AdminMessage.error(.failed, .serviceUnavailable, FixedSentence.unconfirmed.text)
        }
    }

    /// Who asks: the person whom the console names, or the user at the other end.
    private func actor(of request: Request) -> AuditActor {
        let name = request.fields[.person]
        switch entrance {
        case .console: return name.flatMap(ConsoleCommands.person).map { .admin($0) } ?? ConsoleCommands.actor
        case .operators:
            let user = request.peer.userID ?? 0
            let person = name.flatMap { AuditSlug(person: $0) }
            return .admin(person ?? AuditSlug(userName(user)) ?? AuditSlug(number: UInt64(user)))
        }
    }

    /// Operators are few and trusted: all their bodies are on one account, which is no tenant's.
    package func admit(_ head: Request) -> Admission {
        refusal(of: head).map { .answered($0) } ?? .receive(tenant: Self.account)
    }

    package func response(to rejection: Rejection, from peer: Peer) -> Response {
        var response = AdminMessage.error(.refused, rejection.status, rejection.detail)
        response[.retryAfter] = rejection.retrySeconds.map { "\($0)" }
        return response
    }

    /// Why the head alone is refused; nil if it is not.
    private func refusal(of head: Request) -> Response? {
        if let sentence = reasonAgainst(head) {
            log.warning(
                "administration refused",
                metadata: ["uid": "\(head.peer.userID.map(Int.init) ?? -1)", "reason": "\(sentence)"]
            )
            return AdminMessage.error(.refused, .forbidden, sentence)
        }
        guard MediaType.isUncompressed(head.fields) else {
            let refusal = Refusal.compressed
            var response = AdminMessage.error(.refused, refusal.status, refusal.detail)
            response.fields = refusal.fields
            return response
        }
        return nil
    }

    /// Why whoever asks may not, as a sentence; nil if they may.
    private func reasonAgainst(_ head: Request) -> String? {
        switch entrance {
        case .operators(let users):
            guard let user = head.peer.userID, users.contains(user) else {
                return "This user may not administer the server."
            }
        case .console:
            guard let command = ConsoleCommands.command(head.method, head.target.segments) else {
                return "A console may not ask this of the server."
            }
            let name = head.fields[.person]
            guard name != nil || !command.needsPerson else { return "The console has to name the person." }
            guard name.map({ ConsoleCommands.person($0) != nil }) ?? true else {
                return "This is no name that a console gives a person."
            }
        }
        return nil
    }

    private func respond(to request: Request, _ actor: AuditActor) async -> Response {
        do throws(AdministrationError) {
            return try await perform(request, actor)
        } catch {
            return AdminMessage.error(error)
        }
    }

    /// On whose account the work and the bodies of operators are: no tenant has this number.
    private static let account: UInt32 = 0

    /// What a request says; a long one is read beside the loops.
    private func input(of request: Request) async throws(AdministrationError) -> AdminInput {
        guard request.body.count > RequestPipeline.bodyBytesOnLoopMax else {
            return try AdminInput(request.body, for: request)
        }
        let input: Result<AdminInput, AdministrationError>? =
            await directory.environment.background.run(for: Self.account) {
                do throws(AdministrationError) {
                    return .success(try AdminInput(request.body, for: request))
                } catch { return .failure(error) }
            }
        guard let input else { throw .conflict }
        return try input.get()
    }

    /// `/tenants`, `/tenants/NAME`, `/tenants/NAME/tokens` and what can be done to them.
    private func perform(
        _ request: Request,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response {
        let path = request.target.segments
        let input = try await input(of: request)
        switch (request.method, path.count, path.first) {
        case (.post, 1, "check"):
            return AdminMessage.findings(await control.check())
        case (.get, 1, "check"):
            return AdminMessage.json([.init("rows", .number(JSONNumber(control.checkProgress() ?? 0)))])
        case (.post, 1, "reload"):
            return AdminMessage.reload(await control.reload())
        case (.get, 1, "tenants"):
            let tenants = try administration.tenants()
            return AdminMessage.json([
                .init("tenants", .array(try tenants.map { t throws(AdministrationError) in try summary(t) }))
            ])
        case (.post, 1, "tenants"):
            let tenant = try await administration.createTenant(
                input.text("name") ?? "",
                settings: try input.settings(),
                by: actor
            )
            return AdminMessage.json(.created, try summary(tenant))
        case (.get, 2, "tenants"):
            return try await showTenant(path[1])
        case (.delete, 2, "tenants"):
            try await administration.deleteTenant(path[1], by: actor)
            purgeInBackground()
            return AdminMessage.json([.init("deleted", .string(path[1]))])
        case (.post, 3, "tenants") where path[2] == "enable-scim" || path[2] == "disable-scim":
            let tenant = try await administration.setSCIM(
                enabled: path[2] == "enable-scim",
                tenant: path[1],
                by: actor
            )
            return AdminMessage.json(.ok, try summary(tenant))
        case (.post, 3, "tenants") where path[2] == "request-scim":
            return AdminMessage.json(
                .ok,
                try summary(try await administration.requestSCIM(tenant: path[1], by: actor))
            )
        case (.get, 3, "tenants") where path[2] == "tokens":
            return try await showTokens(path[1])
        case (.post, 3, "tenants") where path[2] == "tokens":
            return AdminMessage.issued(
                try await administration.generateToken(tenant: path[1], by: actor),
                url: tenantURL(path[1])
            )
        case (.post, 4, "tenants") where path[2] == "tokens" && path[3] == "regenerate":
            return try await regenerateToken(path[1], input, actor)
        case (.delete, 4, "tenants") where path[2] == "tokens":
            let token = try await administration.revokeToken(path[3], tenant: path[1], by: actor)
            return try showToken(token)
        case (.post, 5, "tenants") where path[2] == "tokens" && path[4] == "retire":
            let token = try await administration.retireToken(
                path[3],
                tenant: path[1],
                afterUnused: input.integer("unusedSeconds") ?? -1,
                by: actor
            )
            return try showToken(token)
        case (.post, 4, "tenants") where path[2] == "import" && path[3] == "stop":
            try await administration.noteImportStop(in: path[1], by: actor)
            return AdminMessage.json([])
        case (.post, 4, "tenants") where path[2] == "import":
            return try await performImport(of: path[3], into: path[1], input, actor)
        case (.get, 3, "tenants") where path[2] == "export":
            return try export(path[1], request.target, actor)
        default:
            if let response = try mark(request, input) { return response }
            if let response = try await noteVerification(request, input, actor) { return response }
            if let response = await replay(request, actor) { return response }
            if let response = try await performOnSettings(request, input, actor) { return response }
            if let response = try await showActivity(request) { return response }
            if let response = try await showFailure(request) { return response }
            if let response = try await clearIgnored(request, actor) { return response }
            if let response = try await performOnSchemas(request, input, actor) { return response }
            if let response = try await performOnIndexes(request, input, actor) { return response }
            if let response = try documents(request) { return response }
            if let response = figures(request) { return response }
            if let response = try await performBackup(request, actor) { return response }
            if let response = try await readDirectory(request, actor) { return response }
            if let response = try await showStory(request, actor) { return response }
            if let response = try await performOnConsole(request, input, actor) { return response }
            if let response = try await rehearse(request, input, actor) { return response }
            return AdminMessage.error(.notThere, .notFound, "There is no such administration command.")
        }
    }

    func tenantURL(_ name: String) -> String { "\(publicURL)/\(name)/scim/v2" }

    func summary(
        _ tenant: Tenant,
        _ more: [AdminMessage.Member] = []
    ) throws(AdministrationError) -> JSONValue {
        .object(
            AdminMessage.tenant(
                tenant,
                url: tenantURL(tenant.name),
                counts: try administration.resourceCounts(of: tenant),
                try tokenEnd(of: tenant.name) + more
            )
        )
    }

    private func purgeInBackground() {
        Task {
            do throws(AdministrationError) { try await administration.purgeDeletedTenants { _ in } } catch {
                log.error("purging a deleted tenant stopped; it goes on at the next start")
            }
        }
    }
}

extension FieldName {
    /// On whose behalf the console sends a command, as the audit trail names them.
    package static let person = FieldName("Pharos-Person")
}
