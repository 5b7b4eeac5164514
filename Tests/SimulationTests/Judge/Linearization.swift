/// Looks for an order of all steps in which the sequential model gives the answers that the clients heard.
///
/// An order may put a step anywhere between its request and its answer, and keeps the steps of a bulk request in their
/// order. The search goes on from client to client, and never twice through the same place: how far each client is and
/// what the model then holds (Wing and Gong's search, with Lowe's memory).
struct Linearization {
    enum Verdict: Sendable, Equatable {
        case found
        /// The steps that can be put in order at most, as far as one order goes.
        case impossible(furthest: [Int])
        /// There are more orders than the search has patience for.
        case undecided
    }

    /// Places after which a search ends undecided.
    private static let placesMax = 200_000

    /// One request: what it did, one step after the other, in one of several ways.
    struct Item: Sendable {
        let number: Int
        let begin: Int
        let end: Int
        let isAtomic: Bool
        let ways: [[Known]]
    }

    private struct Position: Hashable {
        var item = 0
        var step = 0
        var way = 0
    }

    private struct Place: Hashable {
        var positions: [Position]
        var model: Model
    }

    private let clients: [[Item]]
    private let newIDs: [String]
    private var seen: Set<Place> = []
    private var furthest: [Int] = []
    private var path: [Int] = []

    private init(_ history: History, usesRecords: Bool) {
        let items = history.items(usesRecords: usesRecords)
        let last = (history.exchanges.map(\.client).max() ?? 0) + 1
        clients = (0..<last).map { client in
            items.filter { history.exchanges[$0.number].client == client }
        }
        newIDs = history.unclaimedIDs.sorted()
    }

    /// Judges a history; `usesRecords`: whether the audit trail decides which steps were changes.
    static func judge(_ history: History, usesRecords: Bool) -> Verdict {
        var search = Linearization(history, usesRecords: usesRecords)
        var model = Model()
        model.membersLeaveLater = history.program.slices == .all
        let start = Place(positions: search.clients.map { _ in Position() }, model: model)
        if search.finish(from: start) { return .found }
        return search.seen.count >= placesMax ? .undecided : .impossible(furthest: search.furthest)
    }

    private mutating func finish(from place: Place) -> Bool {
        guard seen.count < Self.placesMax, seen.insert(place).inserted else { return false }
        if path.count > furthest.count { furthest = path }
        let open = clients.indices.compactMap { client in
            clients[client].indices.contains(place.positions[client].item)
                ? (client: client, item: clients[client][place.positions[client].item]) : nil
        }
        guard let firstEnd = open.map(\.item.end).min() else { return true }
        for (client, item) in open where item.begin < firstEnd {
            for next in places(after: place, client, item) {
                path.append(item.number)
                defer { path.removeLast() }
                if finish(from: next) { return true }
            }
        }
        for model in place.model.afterLeaving {
            if finish(from: Place(positions: place.positions, model: model)) { return true }
        }
        return false
    }

    /// Where one step more of a client leads.
    private func places(after place: Place, _ client: Int, _ item: Item) -> [Place] {
        let position = place.positions[client]
        let ways = position.step == 0 ? Array(item.ways.indices) : [position.way]
        return ways.flatMap { way -> [Place] in
            let steps = item.ways[way]
            let models =
                item.isAtomic
                ? place.model.after(together: steps, newIDs: newIDs)
                : place.model.after(steps[position.step], newIDs: newIDs)
            var next = Position(item: position.item, step: position.step + 1, way: way)
            if item.isAtomic || next.step == steps.count { next = Position(item: position.item + 1) }
            return models.map { model in
                var place = place
                place.positions[client] = next
                place.model = model
                return place
            }
        }
    }
}

// MARK: - All or none

extension Model {
    /// The states that may follow from steps that happen together or not at all.
    fileprivate func after(together steps: [Known], newIDs: [String]) -> [Model] {
        let statuses = steps.map { known -> Int? in
            if case .answered(let status) = known.answer.fate { status } else { nil }
        }
        if statuses.contains(nil) {
            var models = steps.contains { $0.hasRecord == true } ? [] : [self]
            if steps.contains(where: { $0.answer.fate == .unknown }) {
                models += fold(steps) { $0.afterDone($1, newIDs) }
            }
            return models
        }
        guard let failed = steps.indices.first(where: { (statuses[$0] ?? 0) >= 400 }) else {
            return fold(steps) { $0.after($1, newIDs: newIDs) }
        }
        guard !steps.contains(where: { $0.hasRecord == true }) else { return [] }
        // The others are told as conflicts, so that one which is none is the one that failed.
        let place = steps.indices.first { statuses[$0] != 409 }
        let candidates = place.map { [$0] } ?? Array(failed..<steps.count)
        let explains = candidates.contains { place in
            let before = fold(Array(steps[..<place])) { model, known in
                var known = known
                known.hasRecord = nil
                return model.afterDone(known, ["new-\(model.users.count)-\(model.groups.count)"])
            }
            return before.contains { !$0.after(steps[place], newIDs: []).isEmpty }
        }
        return explains ? [self] : []
    }

    private func fold(_ steps: [Known], _ step: (Model, Known) -> [Model]) -> [Model] {
        steps.reduce([self]) { models, known in models.flatMap { step($0, known) } }
    }
}

// MARK: - What is known

extension History {
    /// The ids of resources whose creation nobody heard of.
    fileprivate var unclaimedIDs: Set<String> {
        let claimed = exchanges.flatMap { exchange in
            zip(exchange.steps, exchange.answers).compactMap { $0.step.id == nil ? $1.id : nil }
        }
        return lastIDs.subtracting(claimed)
    }

    fileprivate func items(usesRecords: Bool) -> [Linearization.Item] {
        exchanges.map { exchange in
            var steps = zip(exchange.steps, exchange.answers).map {
                Known(sent: $0, answer: $1, hasRecord: nil, line: nil)
            }
            // Without an answer it may have happened at any time, and its steps are unknown.
            if steps.isEmpty {
                steps = exchange.steps.map { Known(sent: $0, answer: .unknown, hasRecord: nil, line: nil) }
            }
            var ways = [steps]
            if exchange.form == .importing {
                ways = steps.ways(
                    exchange.counts,
                    usesRecords ? records.count { $0.exchange == exchange.number } : nil
                )
            } else if usesRecords {
                for place in steps.indices {
                    ways[0][place].hasRecord = !primaryRecords(exchange, place).isEmpty
                }
            }
            return Linearization.Item(
                number: exchange.number,
                begin: exchange.begin,
                end: exchange.end ?? .max,
                isAtomic: exchange.form == .atomic,
                ways: ways
            )
        }
    }

    /// The records of a step about its own resource; a deletion may have others, about the groups that were left.
    func primaryRecords(_ exchange: Exchange, _ place: Int) -> [Record] {
        let step = exchange.steps[place].step
        return records.filter { record in
            guard record.exchange == exchange.number, exchange.form == .single || record.place == place else {
                return false
            }
            return step.id == nil ? record.event.hasSuffix(".create") : record.target == step.id
        }
    }
}

extension [Known] {
    /// The ways in which an import's lines can have come to what its report and the trail count.
    fileprivate func ways(_ counts: ImportCounts?, _ records: Int?) -> [[Known]] {
        reduce([[]]) { ways, known in
            ways.flatMap { way in
                let refused = counts?.refused.contains(way.count) == true
                return refused
                    ? [way + [known.refused]] : known.lines(isCounted: counts != nil).map { way + [$0] }
            }
        }
        .filter { way in
            guard records == nil || way.count(where: { $0.hasRecord == true }) == records else {
                return false
            }
            guard let counts else { return true }
            func count(_ line: Known.Line) -> Int { way.count { $0.line == line } }
            return count(.created) == counts.created && count(.updated) == counts.updated
                && count(.unchanged) == counts.unchanged
        }
        .map { way in records == nil ? way.map(\.withoutRecord) : way }
    }
}

extension Known {
    fileprivate var refused: Known {
        var known = self
        known.answer.fate = .nothing(0)
        known.hasRecord = false
        return known
    }

    fileprivate var withoutRecord: Known {
        var known = self
        known.hasRecord = nil
        return known
    }

    /// What a line may have come to: all that is possible, where no report counts it.
    fileprivate func lines(isCounted: Bool) -> [Known] {
        let lines: [(Line?, Bool)] =
            isCounted
            ? [(.created, true), (.updated, true), (.unchanged, false)] : [(nil, true), (nil, false)]
        return lines.map { line, hasRecord in
            var known = self
            known.line = line
            known.hasRecord = hasRecord
            return known
        }
    }
}
