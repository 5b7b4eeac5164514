import ArgumentParser
import Directory
import JSON
import Transfer

/// Brings users, cards and exported resources into a tenant.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import users or their print cards from CSV, or what `export` wrote.",
        discussion: """
            CSV is UTF-8 with a head (RFC 4180). White space around a cell is not part of it, and empty lines do not \
            count. A file that is no CSV is refused as a whole. A line that cannot be imported is told by its number; \
            the others are imported. Lines are sent to the running server, or written to the data folder itself when \
            no server runs, in batches of which each is committed at once.

            Exit status: 0 if all lines were imported, 3 if some were refused; see `pharos-scim --help` for the others.

            Example:
              pharos-scim import users acme users.csv --dry-run
            """,
        subcommands: [Users.self, Cards.self, Resources.self]
    )
}

/// What all imports take.
struct ImportArguments: ParsableArguments {
    @OptionGroup var name: TenantArgument
    @Argument(help: "The file to read; - for standard input.")
    var file: String
    @Flag(
        help: """
            Look at every line, and change nothing. Lines of different batches, of \(ImportSession.batchLines), do not \
            see each other then: of a user or card that is there twice, only the import itself may tell.
            """
    )
    var dryRun = false
    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions
}

/// How a table is written.
struct TableOptions: ParsableArguments {
    @Option(help: "What separates the cells: comma, semicolon or tab.")
    var separator = CSVSeparator.comma
}

/// What an operator insists on.
struct ConnectionOptions: ParsableArguments {
    @Flag(
        help: """
            Import although the tenant's SCIM connection is live: SCIM is enabled and a token is valid. The identity \
            provider may then undo what is imported.
            """
    )
    var evenThoughScimIsConnected = false

    var member: JSONObject.Member {
        .init(name: "evenThoughScimIsConnected", value: .bool(evenThoughScimIsConnected))
    }
}

extension ImportCommand {
    struct Users: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create users and update those that are there.",
            discussion: """
                A user is found by userName, else by externalId. Columns are named like the paths of SCIM: userName, \
                name.givenName, emails[type eq "home"].value, department, \
                urn:ietf:params:scim:schemas:extension:pharos:2.0:User:defaultCostCenter. Short names: email, phone, \
                mobile, firstName, lastName, manager. Several values of one attribute are separated by | in columns that are \
                named after it, such as emails and roles, and not in email or phone. An empty \
                cell leaves the attribute as it is. Passwords are not imported.

                Refused once the tenant's SCIM connection is live, which is when SCIM is enabled and a token is valid: \
                the identity provider keeps the users then.

                Example:
                  userName,firstName,lastName,email,active
                  bjensen,Barbara,Jensen,bjensen@example.com,true

                  pharos-scim import users acme users.csv
                """
        )

        @OptionGroup var arguments: ImportArguments
        @OptionGroup var table: TableOptions
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await arguments.importTable(
                "users",
                of: table,
                options: [connection.member],
                in: TableBatches(isAtomic: false, keepsUsersTogether: false)
            )
        }
    }

    struct Cards: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give print cards to users that are there.",
            discussion: """
                One card on each line. Columns: userName or externalId or both, value (or card), and if wanted type \
                (or technology), display, primary. Users are found by userName, else by externalId; each line whose \
                user is not there is told. A card that the user has already takes what the line says of it, and the \
                user's other cards stay. A card belongs to one user: another user's is refused. Works also while the \
                tenant's SCIM connection is live, as clients cannot change cards.

                With --replace, each user that the file names has exactly the cards of the file afterwards; the lines \
                of one user must follow each other, and a line without a card takes all cards away.

                Example:
                  userName,card,type,primary
                  bjensen,04A2B3C4D5E680,desfire,true

                  pharos-scim import cards acme cards.csv --atomic
                """
        )

        @OptionGroup var arguments: ImportArguments
        @OptionGroup var table: TableOptions
        @Flag(help: "All lines or none, in one commit; at most \(TenantTransfer.atomicLinesMax) lines.")
        var atomic = false
        @Flag(help: "Take away those cards of the named users that the file does not have.")
        var replace = false

        func run() async throws {
            try await arguments.importTable(
                "cards",
                of: table,
                options: [
                    .init(name: "atomic", value: .bool(atomic)),
                    .init(name: "replace", value: .bool(replace)),
                ],
                in: TableBatches(isAtomic: atomic, keepsUsersTogether: replace)
            )
        }
    }

    struct Resources: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read back what `export` wrote, into an empty tenant of this or another server.",
            discussion: """
                Ids, times and memberships are kept, so that an export of the tenant gives the same bytes again. \
                Refused if the tenant holds resources, and while its SCIM connection is live. With --resume an import \
                that was interrupted goes on: lines that the tenant holds already, exactly so, change nothing.

                Example:
                  pharos-scim export acme --output acme.jsonl
                  pharos-scim import resources newacme acme.jsonl
                """
        )

        @OptionGroup var arguments: ImportArguments
        @Flag(help: "Go on with an import that was interrupted.")
        var resume = false
        @OptionGroup var connection: ConnectionOptions

        func run() async throws {
            try await arguments.importExport([
                connection.member, .init(name: "resume", value: .bool(resume)),
            ])
        }
    }
}
