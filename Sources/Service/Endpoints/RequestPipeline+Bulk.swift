import Audit
import Directory
import HTTP
import JSON
import Notes
import SCIM
import Tenancy

// RFC 7644 §3.7: several changes in one request, each as if it had come alone.

extension RequestPipeline {
    func bulk(_ exchange: Exchange) throws(Refusal) -> Outcome {
        guard let access = exchange.access else { throw .unauthorized }
        return try understand(exchange) { _ throws(Refusal) in
            let request = try self.bulkRequest(exchange, access.profile)
            return BulkChanges(request, by: access, exchange, through: self)
        } then: { changes throws(Refusal) in
            try self.carryOut(changes, access, exchange)
        }
    }

    private func carryOut(
        _ changes: BulkChanges,
        _ access: TenantAccess,
        _ exchange: Exchange
    ) throws(Refusal) -> Outcome {
        let request = changes.request
        // Each operation counts as a request: bulk requests are no way around the rate.
        limiter.furtherRequests(request.operations.count - 1, of: access.tenant.number)
        guard directory.isAccepting else { throw Refusal(.auditUnavailable, requestID: exchange.requestID) }
        let isAtomic = Preferences(exchange.request.fields).value(of: Self.transaction) == Self.all
        return .pending {
            guard self.bulkTurns.begin(access) else {
                return self.answerRefusal(Refusal(.busy, requestID: exchange.requestID), exchange)
            }
            defer { self.bulkTurns.end(access) }
            let series = ChangeSeries(changes, in: self.directory)
            guard isAtomic else {
                return self.answerOutcomes(await series.run(errorsMax: request.failOnErrors), changes)
            }
            do throws(FailedChange) {
                let outcomes = try await series.runTogether()
                return self.answerOutcomes(outcomes.map { .success($0) }, changes).adding(
                    .preferenceApplied,
                    Self.applied
                )
            } catch {
                return self.answerFailure(error, changes)
            }
        }
    }

    private static let transaction = "transaction"
    private static let all = "all"
    private static let applied = "\(transaction)=\(all)"

    private func bulkRequest(_ exchange: Exchange, _ profile: Profile) throws(Refusal) -> BulkRequest {
        let limits = features.bulk
        guard exchange.request.body.count <= limits.payloadBytesMax else {
            throw Refusal(
                .contentTooLarge,
                "A bulk request has at most \(limits.payloadBytesMax) bytes (maxPayloadSize).",
                reason: .tooLarge
            )
        }
        let document = try document(exchange)
        do throws(SCIMError) {
            if let request = try BulkRequest.decode(document, operationsMax: limits.operationsMax, profile) {
                return request
            }
        } catch { throw Refusal(error) }
        throw Refusal(
            .contentTooLarge,
            "A bulk request has at most \(limits.operationsMax) operations (maxOperations).",
            reason: .tooLarge
        )
    }
}

// MARK: - Answers

extension RequestPipeline {
    /// Tells what became of each operation that was carried out.
    private func answerOutcomes(
        _ outcomes: [Result<ChangeOutcome, DirectoryError>?],
        _ changes: BulkChanges
    ) -> Response {
        let results = outcomes.enumerated().compactMap { index, outcome -> BulkResult? in
            switch outcome {
            case nil: nil
            case .success(let outcome)?: made(index, outcome, changes)
            case .failure(let error)?:
                refused(index, Refusal(error, requestID: changes.exchange.requestID), changes)
            }
        }
        return answerResults(results, changes)
    }

    /// Tells why nothing was changed: which operation failed, and that the others were not made either.
    private func answerFailure(_ failed: FailedChange, _ changes: BulkChanges) -> Response {
        let exchange = changes.exchange
        var refusal = Refusal(failed.error, requestID: exchange.requestID)
        if case .tooLarge = failed.error {
            refusal = Refusal(
                .contentTooLarge,
                """
                With Prefer: transaction=all, all changes together have at most \(ResourceDirectory.commitBytesMax) bytes, \
                and each removes fewer than \(ResourceDirectory.stagedRemovalsMax) members.
                """,
                reason: .tooLarge
            )
        }
        guard let place = failed.place, refusal.status != .contentTooLarge else {
            return answerRefusal(refusal, exchange)
        }
        let others = Refusal(
            .conflict,
            "Nothing was changed, because Operations[\(place)] failed (Prefer: transaction=all).",
            reason: .conflict
        )
        let failure = refused(place, refusal, changes)
        let results = changes.request.operations.indices.map { index in
            index == place ? failure : changes.result(of: index, others)
        }
        return answerResults(results, because: refusal.reason, changes).adding(
            .preferenceApplied,
            Self.applied
        )
    }

    /// Notes what an operation that was made carried to no effect, as for a request of its own.
    private func made(_ index: Int, _ outcome: ChangeOutcome, _ changes: BulkChanges) -> BulkResult {
        if let kind = changes.kind(of: index), let access = changes.exchange.access {
            notes.noteIgnored(outcome.ignored, of: kind, access)
            notes.count(outcome.effect.counts, access)
        }
        return changes.result(of: index, outcome)
    }

    /// Notes a refused operation as a refused request of its own.
    private func refused(_ index: Int, _ refusal: Refusal, _ changes: BulkChanges) -> BulkResult {
        note(refusal, changes.exchange(of: index))
        return changes.result(of: index, refusal)
    }

    /// `reason`: why nothing was changed, if that is so.
    private func answerResults(
        _ results: [BulkResult],
        because reason: AuditReason? = nil,
        _ changes: BulkChanges
    ) -> Response {
        trail.noteBulk(operations: changes.request.operations.count, reason, changes.exchange)
        var body: [UInt8] = []
        BulkResponse.write(results, to: &body)
        return Response(.ok, contentType: MediaType.scim, body: body)
    }
}
