import Audit
import Directory
import HTTP
import JSON
import Tenancy
import Transfer

extension AdminHandler {
    /// `POST /tenants/NAME/import/users|cards|resources`: one batch of lines.
    ///
    /// ```
    /// {"columns":["userName",…],"lines":[[2,"bjensen",…],…],"dryRun":false}      users and cards
    /// {"lines":[[2,{"schemas":…}],…],"dryRun":false}                            resources
    /// ```
    func performImport(
        of what: String,
        into tenant: String,
        _ input: AdminInput,
        _ actor: AuditActor
    ) async throws(AdministrationError) -> Response {
        let transfer = try administration.transfer(tenant, by: actor, in: directory)
        // An import takes long enough for its tenant to be deleted, and another to get the name.
        if let created = input.text("tenantCreated"),
            try administration.tenant(tenant).created.text != created
        {
            throw .noSuchTenant
        }
        var options = ImportOptions()
        options.isDryRun = input.flag("dryRun")
        options.isAtomic = input.flag("atomic")
        let columns = input.texts("columns") ?? []
        let report: ImportReport
        switch what {
        case "users":
            try requireNoConnection(tenant, input)
            report = try await transfer.importUsers(try Self.lines(input), columns: columns, options: options)
        case "cards":
            report = try await transfer.importCards(
                try Self.lines(input),
                columns: columns,
                replaces: input.flag("replace"),
                options: options
            )
        case "resources":
            try requireNoConnection(tenant, input)
            if input.flag("first"), !input.flag("resume") { try requireEmpty(transfer) }
            report = try await transfer.importResources(try Self.exportedLines(input), options: options)
        default:
            return AdminMessage.error(.notThere, .notFound, "There is no such administration command.")
        }
        if input.flag("first"), !options.isDryRun {
            try await administration.noteImport(into: tenant, by: actor)
        }
        return AdminMessage.json(.ok, .object(AdminMessage.report(report)))
    }

    /// `GET /tenants/NAME/export?from=CURSOR`: one page of resources.
    func export(
        _ tenant: String,
        _ target: Target,
        _ actor: AuditActor
    ) throws(AdministrationError) -> Response {
        let cursor = target.queryItems.first { $0.name == "from" }?.value
        let page = try administration.transfer(tenant, by: actor, in: directory).export(from: cursor)
        var body = Array(#"{"resources":["#.utf8)
        for (index, line) in page.lines.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += line
        }
        body.append(UInt8(ascii: "]"))
        if let next = page.next {
            body += #","next":"#.utf8
            JSONWriter.appendString(next, to: &body)
        }
        body.append(UInt8(ascii: "}"))
        return Response(.ok, contentType: "application/json", body: body)
    }

    private func requireEmpty(_ transfer: TenantTransfer) throws(AdministrationError) {
        guard try transfer.isEmpty() else {
            throw .transferRefused(
                "The tenant holds resources already, and an export goes into an empty tenant. --resume goes on with "
                    + "an import that was interrupted, or of which lines were refused."
            )
        }
    }

    /// What an identity provider keeps is not imported beside it, unless the operator insists.
    private func requireNoConnection(
        _ tenant: String,
        _ input: AdminInput
    ) throws(AdministrationError) {
        guard !input.flag("evenThoughScimIsConnected"), try administration.isConnected(tenant) else { return }
        throw .transferRefused(
            "SCIM is connected: it is enabled for the tenant, and a token of it is live. The identity provider keeps "
                + "its users and groups. Disable SCIM or revoke the token first, or import with "
                + "--even-though-scim-is-connected."
        )
    }

    /// The lines of a table: a number, then the cells.
    private static func lines(_ input: AdminInput) throws(AdministrationError) -> [ImportLine] {
        try input.list("lines").map { value throws(AdministrationError) in
            guard case .array(let parts) = value, case .number(let number)? = parts.first,
                let number = number.int64
            else { throw .transferRefused("A line is a list of its number and its cells.") }
            let cells = parts.dropFirst().map { if case .string(let text) = $0 { text } else { "" } }
            return ImportLine(number: Int(number), cells: cells)
        }
    }

    /// The lines of an export: a number, then the value.
    private static func exportedLines(_ input: AdminInput) throws(AdministrationError) -> [ExportedLine] {
        try input.list("lines").map { value throws(AdministrationError) in
            guard case .array(let parts) = value, parts.count == 2, case .number(let number) = parts[0],
                let number = number.int64
            else { throw .transferRefused("A line is a list of its number and its value.") }
            return ExportedLine(number: Int(number), value: parts[1])
        }
    }
}

extension AdminMessage {
    /// What became of a batch.
    static func report(_ report: ImportReport) -> JSONObject {
        func lines(_ name: String, _ numbers: [Int]) -> Member {
            Member(name, .array(numbers.map { .number(JSONNumber($0)) }))
        }
        return object([
            Member("created", .number(JSONNumber(report.created))),
            Member("updated", .number(JSONNumber(report.updated))),
            Member("unchanged", .number(JSONNumber(report.unchanged))),
            lines("createdLines", report.createdLines),
            lines("updatedLines", report.updatedLines),
            lines("unchangedLines", report.unchangedLines),
            Member(
                "refused",
                .array(
                    report.refusals.map { refusal in
                        var members = [Member("line", .number(JSONNumber(refusal.line)))]
                        if let column = refusal.column { members.append(Member("column", .string(column))) }
                        members.append(Member("reason", .string(refusal.reason)))
                        return .object(object(members))
                    }
                )
            ),
        ])
    }
}
