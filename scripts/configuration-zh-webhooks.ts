/** The Chinese text of the settings of webhooks, by its English one: see `chineseOf`. */
export const chineseOfWebhooks: Readonly<Record<string, string>> = {
  "Who is told when a provider goes out or comes back, a key is refused, and the like.":
    "服务商退出或恢复、密钥被拒绝等事件要通知谁。",
  "An address that is told when something happens that people should know of.": "发生需要人知道的事情时通知的地址。",
  "Where events are sent with `POST`. http or https, without user, password and fragment; link-local and cloud metadata addresses are refused. Redirects are not followed.":
    "用 `POST` 把事件发到哪里。使用 http 或 https，不能带用户名、密码或片段；链路本地地址和云的元数据地址会被拒绝。不跟随重定向。",
  "Signs each message in the form of Standard Webhooks: base64 of 24 to 64 bytes, with or without `whsec_` in front. Required for `format: standard`.":
    "按 Standard Webhooks 的格式为每条消息签名：24 到 64 字节的 base64，前面可带 `whsec_`。`format: standard` 时必填。",
  "Which events are sent. Default: all.": "发送哪些事件。默认全部。",
  "`standard` is JSON with a signature (Standard Webhooks); the others are the sentence alone, as Slack, Discord and ntfy take it.":
    "`standard` 是带签名的 JSON（Standard Webhooks）；其余只发送那一句话，格式分别符合 Slack、Discord 和 ntfy 的要求。",
};
