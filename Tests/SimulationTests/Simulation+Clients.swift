import Audit
import Directory
import HTTP
import JSON
import TestSupport
import Transfer

extension Simulation {
    /// Lets the clients go through their calls.
    func play() {
        for index in clients.indices { addNext(index) }
        while scheduler.readyCount > 0 {
            guard history.picks.count < Self.turnsMax else { return history.stop = "it never ends" }
            let pick = schedule.pick(of: scheduler.readyCount)
            history.picks.append(UInt16(pick))
            scheduler.run(pick)
            if let turn = turns {
                turns = turn + 1
                if history.program.crashes.contains(turn) { crash() }
            }
        }
        if let stuck = clients.first(where: { $0.open != nil || $0.next < $0.calls.count }) {
            history.stop = "nothing is left to do, and #\(stuck.open ?? -1) has no answer"
        }
    }

    /// Beside the clients, what changes of memberships have left is done.
    func settleMemberships() {
        scheduler.add { [unowned self] in
            let directory = incarnation.service.directory
            start(0, { while (try? await directory.settleMemberships()) == true {} }) { _ in }
        }
    }

    func addNext(_ index: Int) {
        guard clients[index].next < clients[index].calls.count, clients[index].open == nil else { return }
        scheduler.add { [unowned self] in
            // Whoever had not begun when the process died begins anew afterwards.
            if !isCrashing { begin(index) }
        }
    }

    private func begin(_ index: Int) {
        guard clients[index].open == nil, clients[index].next < clients[index].calls.count else { return }
        let call = clients[index].calls[clients[index].next]
        clients[index].next += 1
        let exchange = exchange(call, of: index)
        history.exchanges.append(exchange)
        history.events.append(.began(exchange.number))
        clients[index].open = exchange.number
        if exchange.form == .importing {
            sendImport(exchange, of: index)
        } else {
            send(wire.request(exchange), of: index) { simulation, response in
                simulation.hear(response, exchange)
            }
        }
    }

    func send(
        _ request: Request,
        of index: Int,
        _ hear: @escaping @Sendable (Simulation, Response) -> Void
    ) {
        let (service, number) = (incarnation.service, incarnation.number)
        start(index, { await service.send(request) }) { [unowned self] response in
            if !isCrashing, number == incarnation.number { hear(self, response) }
        }
    }

    private func sendImport(_ exchange: Exchange, of index: Int) {
        let service = incarnation.service
        let number = incarnation.number
        let lines = exchange.steps.enumerated().map { place, sent -> ImportLine in
            guard case .importUser(let values) = sent.step else { preconditionFailure("an import has lines") }
            return ImportLine(number: place + 1, cells: [values.name, values.title ?? ""])
        }
        let actor = AuditActor.admin(AuditSlug(Record.nameOfOperator(exchange.number)))
        start(
            index,
            { () async -> ImportReport? in
                let transfer = try? service.administration.transfer("acme", by: actor, in: service.directory)
                return try? await transfer?.importUsers(
                    lines,
                    columns: ["userName", "title"],
                    options: ImportOptions()
                )
            }
        ) { [unowned self] report in
            guard !isCrashing, number == incarnation.number else { return }
            history.exchanges[exchange.number].counts = report.map { Hearing.counts($0, exchange) }
            end(exchange, exchange.steps.map { _ in .unknown })
        }
    }

    private func hear(_ response: Response, _ exchange: Exchange) {
        let answers = Hearing.answers(exchange, response)
        let (body, fault) = Hearing.body(exchange, response)
        if let body { history.bodies.append(body) }
        if let fault { history.findings.append(fault) }
        for (sent, answer) in zip(exchange.steps, answers) {
            guard let id = answer.id else { continue }
            if sent.step.id == nil { created[sent.step.kind, default: []].append(id) }
            clients[exchange.client].tags[id] = answer.tag
        }
        end(exchange, answers)
    }

    private func end(_ exchange: Exchange, _ answers: [StepAnswer]) {
        history.exchanges[exchange.number].answers = answers
        history.exchanges[exchange.number].end = history.events.count
        history.events.append(.answered(exchange.number, answers))
        clients[exchange.client].open = nil
        if history.program.slices != .none, exchange.steps.contains(where: { !$0.step.isRead }) {
            settleMemberships()
        }
        addNext(exchange.client)
    }

    /// The call with ids for its references, and with the tags that its client has seen.
    private func exchange(_ call: Call, of client: Int) -> Exchange {
        let (form, asked): (Exchange.Form, [Asked<Reference>]) =
            switch call {
            case .single(let asked): (.single, [asked])
            case .bulk(let asked, let isAtomic): (isAtomic ? .atomic : .bulk, asked)
            case .importing(let lines): (.importing, lines.map { Asked(.importUser($0)) })
            }
        let steps = asked.map { asked in
            let step = asked.step.map(id)
            let tag = asked.isConditional ? step.id.flatMap { clients[client].tags[$0] } : nil
            return Sent(step: step, tag: tag)
        }
        return Exchange(
            number: history.exchanges.count,
            client: client,
            form: form,
            steps: steps,
            begin: history.events.count
        )
    }

    private func id(_ reference: Reference) -> String {
        let ids = created[reference.kind] ?? []
        return ids.indices.contains(reference.place)
            ? ids[reference.place] : "00000000-0000-7000-8000-0000000000\(reference.place + 10)"
    }
}
