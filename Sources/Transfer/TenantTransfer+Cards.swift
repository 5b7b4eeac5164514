import Directory
import JSON
import SCIM
import Storage
import Tenancy

/// One line of a table of cards.
package struct CardLine: Sendable {
    package let number: Int
    package let userName: String
    package let externalID: String
    package let value: String
    package let display: String
    package let type: String
    package let primary: String

    /// The columns that a table of cards can have.
    package enum Column: String, Sendable, CaseIterable {
        case userName, externalId, value, display, type, primary

        /// Names without case, spaces, hyphens and underscores.
        private static let shortNames: [String: Column] = [
            "username": .userName, "externalid": .externalId, "value": .value, "card": .value,
            "cardnumber": .value, "number": .value, "display": .display, "type": .type,
            "technology": .type, "primary": .primary,
        ]

        /// Reads a name in a table's head; nil if it is none of them.
        package init?(named name: String) {
            guard let column = Self.shortNames[ImportColumn.squeezed(name)] else { return nil }
            self = column
        }
    }

    /// Takes a line apart; a column that is not there is empty.
    init(_ line: ImportLine, _ columns: [Column]) {
        func cell(_ column: Column) -> String {
            columns.firstIndex(of: column).map { line.cells[$0] } ?? ""
        }
        number = line.number
        (userName, externalID) = (cell(.userName), cell(.externalId))
        (value, display) = (cell(.value), cell(.display))
        (type, primary) = (cell(.type), cell(.primary))
    }

    func isOfSameUser(as other: CardLine) -> Bool {
        userName == other.userName && externalID == other.externalID
    }
}

extension TenantTransfer {
    /// Gives cards to users that are there, found by userName, else by externalId.
    ///
    /// A card that the user has already takes what the line says of it; the user's other cards stay. If it `replaces`,
    /// the users named have exactly the cards of the lines afterwards: lines of one user that follow each other are
    /// then one change, and a single one without a card takes all cards away.
    /// - Throws: ``AdministrationError/transferRefused(_:)`` for columns that are not ``CardLine/Column``.
    package func importCards(
        _ lines: [ImportLine],
        columns names: [String],
        replaces: Bool,
        options: ImportOptions
    ) async throws(AdministrationError) -> ImportReport {
        let columns = try Self.cardColumns(names)
        try Self.check(lines, columns: columns.count, isAtomic: options.isAtomic)
        let context = context(try userKind().importable)
        let groups = Self.groups(lines.map { CardLine($0, columns) }, together: replaces)
        let results = try await ImportBatch(directory: directory, options: options).run(groups) {
            group,
            transaction throws(ImportStop) in
            try await importCards(group, replaces: replaces, context, transaction)
        }
        return Self.report(groups.map { $0.map(\.number) }, results, options)
    }

    private static func cardColumns(_ names: [String]) throws(AdministrationError) -> [CardLine.Column] {
        var columns: [CardLine.Column] = []
        for name in names {
            guard let column = CardLine.Column(named: name) else {
                let known = CardLine.Column.allCases.map(\.rawValue).joined(separator: ", ")
                throw .transferRefused("The column \(name): a table of cards has the columns \(known).")
            }
            guard !columns.contains(column) else {
                throw .transferRefused("The column \(name): another column is \(column.rawValue) already.")
            }
            columns.append(column)
        }
        guard columns.contains(.value), columns.contains(.userName) || columns.contains(.externalId) else {
            throw .transferRefused("A table of cards has a column value, and userName or externalId.")
        }
        return columns
    }

    private static func groups(_ lines: [CardLine], together: Bool) -> [[CardLine]] {
        var groups: [[CardLine]] = []
        for line in lines {
            if together, let last = groups.last?.last, last.isOfSameUser(as: line) {
                groups[groups.count - 1].append(line)
            } else {
                groups.append([line])
            }
        }
        return groups
    }

    private func importCards(
        _ lines: [CardLine],
        replaces: Bool,
        _ context: ChangeContext,
        _ transaction: ChangeTransaction
    ) async throws(ImportStop) -> ImportOutcome {
        let user = try await user(
            named: lines[0].userName,
            externalID: lines[0].externalID,
            context,
            transaction
        )
        guard let user else { throw .line("There is no such user.") }
        var cards: [JSONValue] = []
        for line in lines where !(replaces && lines.count == 1 && line.value.isEmpty) {
            cards.append(try Self.card(line))
        }
        let operation = replaces ? Self.replacement(cards) : Self.addition(cards[0], lines[0].value)
        let action = Change.Action.patch(user, try Self.plan([operation], context.kind))
        do throws(DirectoryError) {
            let outcome = try await transaction.stage(Change(action, context))
            return outcome.hasChanged ? .updated : .unchanged
        } catch {
            throw ImportStop(error)
        }
    }

    private static let cardsPath = "\(Schema.pharosUser.id):cards"

    private static func replacement(_ cards: [JSONValue]) -> PatchOperation {
        cards.isEmpty
            ? PatchOperation(.remove, path: cardsPath)
            : PatchOperation(.replace, path: cardsPath, value: .array(cards))
    }

    /// Adds a card, or adds to what is known of it.
    private static func addition(_ card: JSONValue, _ value: String) -> PatchOperation {
        var literal: [UInt8] = []
        JSONWriter.appendString(value, to: &literal)
        let path = "\(cardsPath)[value eq \(String(decoding: literal, as: UTF8.self))]"
        return PatchOperation(.add, path: path, value: card)
    }

    private static func card(_ line: CardLine) throws(ImportStop) -> JSONValue {
        guard !line.value.isEmpty else {
            throw .line("The number of the card is missing.", column: CardLine.Column.value.rawValue)
        }
        guard line.value.utf8.count <= cardValueBytesMax else {
            throw .line(
                "The number of a card has at most \(cardValueBytesMax) bytes.",
                column: CardLine.Column.value.rawValue
            )
        }
        var card = JSONObject(uniqueMembers: [.init(name: "value", value: .string(line.value))])
        if !line.display.isEmpty { card["display"] = .string(line.display) }
        if !line.type.isEmpty { card["type"] = .string(line.type) }
        guard !line.primary.isEmpty else { return .object(card) }
        guard let isPrimary = Bool(line.primary.lowercased()) else {
            throw .line("The value is true or false.", column: CardLine.Column.primary.rawValue)
        }
        card["primary"] = .bool(isPrimary)
        return .object(card)
    }

    /// Bytes of a card's number.
    private static let cardValueBytesMax = 256
}

extension ResourceKind {
    /// The kind as imports write it: see ``ResourceType/importable``.
    var importable: ResourceKind {
        ResourceKind(
            code: code,
            type: type.importable,
            groupsAttribute: groupsAttribute?.name,
            countedExtensions: countedExtensions
        )
    }
}
