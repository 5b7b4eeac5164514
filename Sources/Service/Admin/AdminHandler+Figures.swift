import HTTP
import JSON

extension AdminHandler {
    /// What the server tells of itself; nil if the path is another one.
    ///
    /// `GET /store`: log, overlay and checkpoints, each figure with its name and summary. `GET /status`: how the server fares, for
    /// people.
    func figures(_ request: Request) -> Response? {
        guard request.method == .get else { return nil }
        return switch request.target.segments {
        case ["store"]:
            AdminMessage.json(.ok, .object(ServerControl.StoreFigure.json(control.storeFigures())))
        case ["status"]: AdminMessage.json(.ok, .object(control.status()))
        default: nil
        }
    }
}
