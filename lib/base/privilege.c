#include "base/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

bool
privilege_wanted(const struct conf *cf)
{
	return geteuid() == 0 && (cf->user != NULL || cf->group != NULL);
}

int
privilege_ids(const struct conf *cf, uid_t *uid, gid_t *gid, struct err *e)
{
	struct passwd *pw;
	struct group *gr;

	*uid = getuid();
	*gid = getgid();
	if (cf->user != NULL) {
		if ((pw = getpwnam(cf->user)) == NULL)
			return err_set(e, ERR_INPUT, "user: there is no user \"%s\"", cf->user);
		*uid = pw->pw_uid;
		*gid = pw->pw_gid;
	}
	if (cf->group != NULL) {
		if ((gr = getgrnam(cf->group)) == NULL)
			return err_set(e, ERR_INPUT, "group: there is no group \"%s\"", cf->group);
		*gid = gr->gr_gid;
	}
	return 0;
}

int
privilege_drop(const struct conf *cf, uid_t uid, gid_t gid, struct err *e)
{
	if ((cf->user != NULL ? initgroups(cf->user, gid) : setgroups(1, &gid)) == -1 ||
	    setgid(gid) == -1 || setuid(uid) == -1)
		return err_sys(e, "cannot become user %s, group %s", cf->user != NULL ? cf->user : "-",
		    cf->group != NULL ? cf->group : "-");
	if (uid != 0 && setuid(0) == 0)
		return err_set(e, ERR_SYSTEM, "user %s can become root again", cf->user);
	return 0;
}
