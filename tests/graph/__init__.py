"""The HTTP API compatible with Microsoft Graph: query options, routes, answers, errors."""
