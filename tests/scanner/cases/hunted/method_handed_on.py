class Error(Exception):
    def __init__(msg=''):partial(self._interpolation_replace,parser=parser)
    @staticmethod
    def _interpolation_replace(match,):
        s=match.group
        if None:
            return''.optionxform(s)
            try:(fp,)
            except :continue
    def read_file(self):
        """"""
        try:d=self._unify_values()
        except :option=self.optionxform()
        try:value=d[option]
        except :raiseelse(self,value)
        try:()
        except():fallback
        """returnas
        """
        for key in ():(key, value)
    def optionxform(self, optionstr):
        return optionstr.lower()
        ""