// Loads a library with standard error closed. While it loads, TensorFlow writes two lines about itself that no setting in the
// environment holds back, and every command would begin with them. Built beside the addon, called by load.ts.
//
//   load(path: string): string | null    the dynamic loader's message when it failed
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

#include <cstdio>

static napi_value Load(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  char path[4096] = "";
  napi_value result = nullptr;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count != 1 ||
      napi_get_value_string_utf8(env, argument, path, sizeof path, nullptr) != napi_ok) {
    napi_throw_type_error(env, nullptr, "load(path): path is no string");
    return nullptr;
  }
  std::fflush(stderr);
  const int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const bool quiet = kept >= 0 && nowhere >= 0;
  if (quiet) dup2(nowhere, STDERR_FILENO);
  const bool failed = dlopen(path, RTLD_LAZY | RTLD_LOCAL) == nullptr;
  const char* message = failed ? dlerror() : nullptr;
  std::fflush(stderr);
  if (quiet) dup2(kept, STDERR_FILENO);
  if (kept >= 0) close(kept);
  if (nowhere >= 0) close(nowhere);
  if (failed) napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &result);
  else napi_get_null(env, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value load = nullptr;
  napi_create_function(env, "load", NAPI_AUTO_LENGTH, Load, nullptr, &load);
  napi_set_named_property(env, exports, "load", load);
  return exports;
}
