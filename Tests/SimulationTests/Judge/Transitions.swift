/// A step with what is known of it: from its answer, and from the audit trail if that counts.
struct Known: Sendable, Hashable {
    var sent: Sent
    var answer: StepAnswer
    /// Whether the trail tells of a change; nil if the trail does not count.
    var hasRecord: Bool?
    /// What an import's line came to, where that is known.
    var line: Line?

    enum Line: Sendable, Hashable { case created, updated, unchanged }
}

extension Model {
    /// The states that may follow from a step, if it happened as is known of it.
    ///
    /// `newIDs`: the ids that what is created without an answer may have.
    func after(_ known: Known, newIDs: [String]) -> [Model] {
        switch known.answer.fate {
        case .nothing: return known.hasRecord == true ? [] : [self]
        case .unknown: return afterUnknown(known, newIDs)
        case .answered(let status) where status < 400: return afterSuccess(known, status)
        case .answered(let status):
            guard known.hasRecord != true else { return [] }
            return judged(known.sent) { model, effect in
                if case .refused(let statuses) = effect, statuses.contains(status) { model } else { nil }
            }
        }
    }

    /// What the step comes to: its condition may hold or not where nobody has told the version yet.
    private func judged(
        _ sent: Sent,
        newID: String = Model.nobody,
        _ result: (Model, Effect) -> Model?
    ) -> [Model] {
        guard let tag = sent.tag, !sent.step.isRead, let id = sent.step.id, contains(id) else {
            return result(self, effect(of: sent.step, newID: newID)).map { [$0] } ?? []
        }
        var models: [Model] = []
        let version = version(id)
        if version == nil || version != tag, let model = result(self, .refused([412])) {
            models.append(model)
        }
        if version == nil || version == tag {
            let told = telling(tag, of: id)
            if let model = result(told, told.effect(of: sent.step, newID: newID)) { models.append(model) }
        }
        return models
    }

    private func afterSuccess(_ known: Known, _ status: Int) -> [Model] {
        let (sent, answer) = (known.sent, known.answer)
        guard sent.step.statuses.contains(status), let id = answer.id ?? sent.step.id else { return [] }
        if sent.step.id == nil, contains(id) { return [] }
        return judged(sent, newID: id) { before, effect in
            guard case .done(var model, let isChange) = effect,
                known.hasRecord.map({ $0 == isChange }) != false
            else { return nil }
            if let shown = answer.shown, !model.shows(shown, id) { return nil }
            if let tag = answer.tag {
                // What has not changed keeps its version.
                guard isChange || before.version(id) == nil || before.version(id) == tag else { return nil }
                model = model.telling(tag, of: id)
            }
            return model
        }
    }

    private func afterUnknown(_ known: Known, _ newIDs: [String]) -> [Model] {
        let mayNotHappen = known.line == nil && known.hasRecord != true
        guard !known.sent.step.isRead else { return [self] }
        return (mayNotHappen ? [self] : []) + afterDone(known, newIDs).filter { $0 != self || !mayNotHappen }
    }

    /// The states that may follow if the step was carried out, whether or not that changed anything.
    func afterDone(_ known: Known, _ newIDs: [String]) -> [Model] {
        let free = known.sent.step.id == nil ? newIDs.filter { !contains($0) } : []
        // A line of an import may find its user, and then creates nothing.
        return (free + [Self.nobody]).flatMap { id in
            judged(known.sent, newID: id) { before, effect in
                guard case .done(let model, let isChange) = effect else { return nil }
                if let hasRecord = known.hasRecord, hasRecord != isChange { return nil }
                let creates =
                    model.users.count + model.groups.count > before.users.count + before.groups.count
                // What is created has one of the ids that were seen, and what is not needs none.
                guard !model.contains(Self.nobody), creates || id == Self.nobody || known.sent.step.isRead
                else { return nil }
                let line: Known.Line =
                    creates && known.sent.step.id == nil ? .created : isChange ? .updated : .unchanged
                return known.line == nil || known.line == line ? model : nil
            }
        }
    }

    /// No resource has this id.
    private static var nobody: String { "" }
}

extension Step {
    /// The statuses of success.
    fileprivate var statuses: Set<Int> {
        switch self {
        case .createUser, .createGroup: [201]
        case .read: [200, 304]
        case .replaceUser, .replaceGroup: [200]
        case .patchUser, .patchGroup: [200, 204]
        case .delete: [204]
        case .importUser: []
        }
    }
}
