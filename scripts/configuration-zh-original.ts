/** The Chinese text of what `ccpb check` says of keys of the original's later versions, by its English one: see `chineseOf`. */
export const chineseOfOriginal: Readonly<Record<string, string>> = {
  "streams are always passed on as they come.": "流总是到来多少就转发多少。",
  "auth_type: passthrough forwards the login of Claude Code itself.":
    "auth_type: passthrough 会转发 Claude Code 自己的登录。",
  "timeouts.total bounds answers that are not streamed.": "非流式回答的时限是 timeouts.total。",
  "timeouts.response, first_content and idle bound streams.": "流式的时限是 timeouts.response、first_content 和 idle。",
  "nothing is cached here.": "这里没有缓存。",
  "there are no health checks; a cooled provider is probed by the next request.":
    "没有健康检查；冷却结束的服务商由下一个请求探测。",
  "equal requests are not merged here.": "这里不合并相同的请求。",
  "there are no test delays; ccpb demo shows failures.": "没有测试用的延迟；ccpb demo 会演示各种故障。",
  "session_affinity: session keeps a conversation with its provider.":
    "session_affinity: session 让对话留在原来的服务商。",
  "a provider comes back after failure_cooldown.": "服务商在 failure_cooldown 之后恢复。",
  "a client that leaves is noticed at once.": "客户端离开会立即察觉。",
  "error_rules can add to what fails over.": "可以用 error_rules 增加触发故障转移的情况。",
  "error_rules or unhealthy_http_codes can add to what fails over.":
    "可以用 error_rules 或 unhealthy_http_codes 增加触发故障转移的情况。",
  "every network error fails over.": "所有网络错误都会触发故障转移。",
  "a success always resets the count of failures.": "成功总会把失败计数清零。",
  "log_level: DEBUG logs more.": "log_level: DEBUG 会记录更多内容。",
  "The file is watched and reloaded by itself; name and version are ccpb's own.":
    "文件有改动会自动重新加载；名称和版本是 ccpb 自己的。",
};
