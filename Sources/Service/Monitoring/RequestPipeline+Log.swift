import Audit
import HTTP
import Logging
import Tenancy

extension RequestPipeline {
    /// The outcome with a line in the log, which names endpoint and tenant, and nothing else of the target.
    func logged(_ outcome: Outcome, _ request: Request, _ requestID: RequestID) -> Outcome {
        let method = Method.names[request.method.place]
        let tenant = request.target.segments.first
        let trace = Exchange(request, requestID: requestID).origin.traceID
        @Sendable func note(_ response: Response) -> Response {
            var metadata: Logger.Metadata = [
                "request": "\(requestID)", "method": "\(method)", "status": "\(response.status.code)",
                "route": "\((ActivityRoute(rawValue: response.mark.route) ?? .unknown).word)",
            ]
            if response.mark.tenant != 0, let tenant { metadata["tenant"] = "\(tenant)" }
            if let trace { metadata["trace"] = "\(trace.text)" }
            log.debug("request answered", metadata: metadata)
            return response
        }
        switch outcome {
        case .ready(let response): return .ready(note(response))
        case .pending(let operation): return .pending { note(await operation()) }
        }
    }
}
